/** A folder full of intents, and the intent router started cold on it: until every file is routed and gone. */
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { inspectHome } from "@kloros/bus";
import { askDaemon } from "@kloros/client";
import { cpuNs, peakMemoryMb } from "../machine/proc.ts";
import { RunningDaemon } from "../processes/daemon.ts";
import { atMost, type Row } from "../report/row.ts";
import { median } from "../statistics.ts";
import type { Run } from "./bench.ts";
import { intentText } from "./intents.ts";

interface Round {
  readonly seconds: number;
  readonly peakMb: number;
  readonly cpuMicros: number;
}

const SIZES = { full: { files: 45_000, rounds: 3 }, quick: { files: 5_000, rounds: 1 } };
const TARGET = { seconds: 30, peakMb: 200 };
/** How often the router is asked how far it has come, in milliseconds. */
const ASK_EVERY_MS = 100;

export async function backlog({ scratch, quick, progress }: Run): Promise<Row[]> {
  const { files, rounds: wanted } = quick ? SIZES.quick : SIZES.full;
  const rounds: Round[] = [];
  while (rounds.length < wanted) {
    const home = await scratch.home();
    progress(`round ${rounds.length + 1}/${wanted}: writing ${files} files`);
    for (let index = 0; index < files; index++)
      writeFileSync(join(home, "intents", `intent-${index}.json`), intentText(index).text);
    const round = await routeAll(home, files);
    progress(`routed in ${round.seconds.toFixed(1)} s, ${round.peakMb.toFixed(0)} MB`);
    rounds.push(round);
    scratch.remove(home);
  }
  const seconds = median(rounds.map((round) => round.seconds));
  const detail = `${files} files, median of ${rounds.length} cold starts`;
  return [
    {
      name: "seconds",
      value: seconds,
      unit: "s",
      // A shorter backlog has its share of the time.
      target: atMost((TARGET.seconds * files) / SIZES.full.files),
      detail: `process started to all routed; ${detail}`,
    },
    {
      name: "peak_memory",
      value: Math.max(...rounds.map((round) => round.peakMb)),
      unit: "MB",
      target: atMost(TARGET.peakMb),
      detail: "VmHWM of the intent router, the worst round",
    },
    { name: "rate", value: files / seconds, unit: "files/s" },
    {
      name: "cpu",
      value: median(rounds.map((round) => round.cpuMicros)),
      unit: "µs/file",
      detail: "all threads",
    },
  ];
}

async function routeAll(home: string, files: number): Promise<Round> {
  const begun = performance.now();
  const router = new RunningDaemon("intent_router", home);
  const socket = join(home, "run/intent_router.sock");
  const isRouted = async (): Promise<boolean> => {
    if (!existsSync(socket)) return false;
    const { stats } = await askDaemon<{ stats: { emitted: number } | null }>(socket, "system:health");
    return (stats?.emitted ?? 0) >= files && filesLeft(home) === 0;
  };
  while (!(await isRouted().catch(() => false))) await sleep(ASK_EVERY_MS);
  const seconds = (performance.now() - begun) / 1000;
  const round = { seconds, peakMb: peakMemoryMb(router.pid), cpuMicros: cpuNs(router.pid) / 1e3 / files };
  await router.stop();
  await checkJournal(home, files);
  return round;
}

function filesLeft(home: string): number {
  return readdirSync(join(home, "intents"), { withFileTypes: true }).filter((entry) => entry.isFile()).length;
}

/** Routed means: each is in the journal, once. */
async function checkJournal(home: string, files: number): Promise<void> {
  const inspection = inspectHome(home);
  const found = inspection.journals.get("intent_router")?.countAbove("Q_CURIOSITY_INVESTIGATE", 0, new Set());
  await inspection.close();
  if (found?.pending !== files)
    throw new Error(`${files} files, but ${found?.pending ?? 0} signals in the journal`);
}
