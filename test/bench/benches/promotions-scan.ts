/** How long the monitor works on a folder of ten thousand promotions, and that it reads none of them again when nothing changed. */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { loadContracts, openNode } from "@kloros/bus";
import { askDaemon } from "@kloros/client";
import { readBytes } from "../machine/proc.ts";
import { RunningDaemon } from "../processes/daemon.ts";
import { stderrLog } from "../processes/log.ts";
import { SignalWatch } from "../processes/signal-watch.ts";
import { atMost, type Row } from "../report/row.ts";
import { median } from "../statistics.ts";
import type { Run } from "./bench.ts";
import { promotionText } from "./dream-home.ts";

interface Health {
  readonly promotions: { readonly files: number; readonly last_scan_ms: number };
}
interface Scans {
  readonly coldMs: number;
  readonly rescanMs: number[];
  readonly answerMs: number[];
  readonly rescanBytes: number[];
}

const FILES = 10_000;
const STARTS = { full: 5, quick: 2 };
const RESCANS = 5;
const TARGET_MS = 300;
/** Of what the files hold: a process reads a little while it lives. */
const TARGET_READ_SHARE = 0.01;
const LOOK_EVERY_MS = 20;

export async function promotionsScan({ scratch, quick, progress }: Run): Promise<Row[]> {
  const home = await scratch.home();
  progress(`writing ${FILES} promotions`);
  for (let index = 0; index < FILES; index++)
    writeFileSync(join(home, "dream_lab", "promotions", `promotion-${index}.json`), promotionText(index));
  const rounds: Scans[] = [];
  const starts = quick ? STARTS.quick : STARTS.full;
  for (let start = 1; start <= starts; start++) {
    progress(`monitor started on them, ${start}/${starts}`);
    rounds.push(await scans(home));
  }
  const rescanBytes = median(rounds.flatMap((round) => round.rescanBytes));
  return [
    {
      name: "first",
      value: median(rounds.map((round) => round.coldMs)),
      unit: "ms",
      target: atMost(TARGET_MS),
      detail: `all ${FILES} files read, median of ${starts} starts`,
    },
    {
      name: "unchanged",
      value: median(rounds.flatMap((round) => round.rescanMs)),
      unit: "ms",
      target: atMost(TARGET_MS),
      detail: "a further scan, work of the monitor",
    },
    {
      name: "unchanged_answer",
      value: median(rounds.flatMap((round) => round.answerMs)),
      unit: "ms",
      detail: "Q_SCAN_REQUESTED emitted to its advisory",
    },
    {
      name: "unchanged_read_share",
      value: rescanBytes / folderBytes(),
      unit: "x",
      target: atMost(TARGET_READ_SHARE),
      detail: `${rescanBytes} bytes read by the whole process meanwhile, of ${Math.round(folderBytes() / 1e3)} kB of promotions`,
    },
  ];
}

/** One life of the monitor: its first scan, and some that are asked for. */
async function scans(home: string): Promise<Scans> {
  const router = await openNode({
    daemon: "intent_router",
    home,
    contracts: loadContracts(),
    log: stderrLog,
  });
  await router.start();
  const monitor = new RunningDaemon("orchestrator_monitor", home);
  await monitor.readyMs;
  const watch = new SignalWatch(home);
  const health = () => askDaemon<Health>(join(home, "run", "orchestrator_monitor.sock"), "system:health");
  let { promotions } = await health();
  // Until the first scan is over there are none.
  while (promotions.files < FILES) {
    await sleep(LOOK_EVERY_MS);
    ({ promotions } = await health());
  }
  const result: Scans = {
    coldMs: promotions.last_scan_ms,
    rescanMs: [],
    answerMs: [],
    rescanBytes: [],
  };
  for (let scan = 0; scan < RESCANS; scan++) {
    const before = readBytes(monitor.pid);
    const begun = performance.now();
    const { id } = await router.emit("Q_SCAN_REQUESTED", { scope: "promotions" });
    await watch.first(["Q_PROMOTIONS_DETECTED"], ({ causation_id }) => causation_id === id);
    result.answerMs.push(performance.now() - begun);
    result.rescanBytes.push(readBytes(monitor.pid) - before);
    result.rescanMs.push((await health()).promotions.last_scan_ms);
  }
  await watch.close();
  await monitor.stop();
  await router.close();
  return result;
}

/** What the files hold, in bytes: what a first scan reads. */
function folderBytes(): number {
  let bytes = 0;
  for (let index = 0; index < FILES; index++) bytes += Buffer.byteLength(promotionText(index));
  return bytes;
}
