/**
 * Watches CPU time and resident memory of a run: seldom while it is far from its limits, often when it comes near or grows fast.
 */
import type { RunCensus, RunEntry } from "./run-census.ts";

export interface WatchedLimits {
  readonly cpuSeconds?: number;
  readonly memoryBytes?: number;
}

/** Short programs are never looked at: their own limit is their shortness. */
const FIRST_LOOK_MS = 20;
const SHORTEST_WAIT_MS = 10;
/** A hog is noticed within this time and its growth in it. */
const LONGEST_MEMORY_WAIT_MS = 60;
/** Without a memory limit: CPU time cannot run away faster than the cores allow. */
const LONGEST_CPU_WAIT_MS = 500;
/** Share of the time until the limit, at the present pace, that passes before the next look. */
const SHARE_OF_REST = 0.4;

/** Calls `onExceeded` once, when a limit is passed. Nothing is looked at when there is no limit. Returns what ends the watch. */
export function watchLimits(
  census: RunCensus,
  entry: RunEntry,
  limits: WatchedLimits,
  onExceeded: (kind: "cpu-limit" | "memory-limit") => void,
): () => void {
  const { cpuSeconds = Infinity, memoryBytes = Infinity } = limits;
  if (cpuSeconds === Infinity && memoryBytes === Infinity) return () => undefined;
  const longestMs = memoryBytes === Infinity ? LONGEST_CPU_WAIT_MS : LONGEST_MEMORY_WAIT_MS;
  let last = { atMs: performance.now(), cpu: 0, memory: 0 };
  let timer: NodeJS.Timeout;

  const look = (): void => {
    census.look();
    const { cpuSeconds: cpu, residentBytes: memory } = entry;
    if (memory > memoryBytes) return onExceeded("memory-limit");
    if (cpu > cpuSeconds) return onExceeded("cpu-limit");
    const atMs = performance.now();
    const passedMs = Math.max(1, atMs - last.atMs);
    const restMs = Math.min(
      untilMs(memoryBytes - memory, memory - last.memory, passedMs),
      untilMs(cpuSeconds - cpu, cpu - last.cpu, passedMs),
    );
    last = { atMs, cpu, memory };
    const waitMs = Math.min(Math.max(restMs * SHARE_OF_REST, SHORTEST_WAIT_MS), longestMs);
    timer = setTimeout(look, waitMs);
  };
  timer = setTimeout(look, FIRST_LOOK_MS);
  return () => clearTimeout(timer);
}

/** Time until `rest` is used up at the pace of `grown` in `passedMs`. */
function untilMs(rest: number, grown: number, passedMs: number): number {
  return grown <= 0 ? Infinity : (rest / grown) * passedMs;
}
