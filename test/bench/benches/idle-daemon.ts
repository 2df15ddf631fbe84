/** What a daemon costs while nothing happens, and how long it takes to be ready. All stand in one mesh, connected to each other. */
import { setTimeout as sleep } from "node:timers/promises";
import { cpuNs, memoryMb } from "../machine/proc.ts";
import { type DaemonName, DAEMONS, RunningDaemon } from "../processes/daemon.ts";
import { atMost, type Row } from "../report/row.ts";
import { median } from "../statistics.ts";
import type { Run } from "./bench.ts";

const STARTS = { full: 7, quick: 3 };
/** After the start, before anything is read. */
const SETTLE_MS = 10_000;
const OBSERVE_MS = { full: 20_000, quick: 5_000 };
const TARGET = { rssMb: 80, cpuPercent: 0.5, readyMs: 700 };

export async function idleDaemon(run: Run): Promise<Row[]> {
  const ready = await measureStarts(run);
  const rows = await observeIdle(run);
  return [...ready, ...rows];
}

/** Each alone on a home of its own, the daemons taking turns. */
async function measureStarts({ scratch, quick, progress }: Run): Promise<Row[]> {
  const starts = quick ? STARTS.quick : STARTS.full;
  const names = Object.keys(DAEMONS) as DaemonName[];
  const homes = new Map<DaemonName, string>();
  const took = new Map<DaemonName, number[]>(names.map((name) => [name, []]));
  for (const name of names) homes.set(name, await scratch.home());
  for (let start = 1; start <= starts; start++) {
    progress(`start ${start}/${starts} of each`);
    for (const name of names) {
      const daemon = new RunningDaemon(name, homes.get(name) as string);
      took.get(name)?.push(await daemon.readyMs);
      await daemon.stop();
    }
  }
  return names.map((name) => ({
    name: `${name}.ready`,
    value: median(took.get(name) ?? []),
    unit: "ms",
    target: atMost(TARGET.readyMs),
    detail: `process started to READY=1, alone, median of ${starts}`,
  }));
}

async function observeIdle({ scratch, quick, progress }: Run): Promise<Row[]> {
  const observeMs = quick ? OBSERVE_MS.quick : OBSERVE_MS.full;
  const home = await scratch.home();
  const daemons = (Object.keys(DAEMONS) as DaemonName[]).map((name) => ({
    name,
    process: new RunningDaemon(name, home),
  }));
  for (const daemon of daemons) await daemon.process.readyMs;
  progress(`settling for ${SETTLE_MS / 1000} s, watching for ${observeMs / 1000} s`);
  await sleep(SETTLE_MS);
  const memory = daemons.map((daemon) => memoryMb(daemon.process.pid));
  const before = daemons.map((daemon) => cpuNs(daemon.process.pid));
  const begun = performance.now();
  await sleep(observeMs);
  const tookNs = (performance.now() - begun) * 1e6;
  const rows = daemons.flatMap(({ name, process }, index): Row[] => [
    {
      name: `${name}.rss`,
      value: memory[index]?.rss ?? NaN,
      unit: "MB",
      target: atMost(TARGET.rssMb),
      detail: "after 10 s, its own child processes included",
    },
    { name: `${name}.pss`, value: memory[index]?.pss ?? NaN, unit: "MB", detail: "shared pages shared out" },
    {
      name: `${name}.cpu`,
      value: ((cpuNs(process.pid) - (before[index] ?? NaN)) / tookNs) * 100,
      unit: "% of a core",
      target: atMost(TARGET.cpuPercent),
      detail: `over ${observeMs / 1000} s, all threads`,
    },
  ]);
  for (const daemon of daemons) await daemon.process.stop();
  return rows;
}
