/** Ends what runs of an earlier life left behind: for daemons, at their start. */
import { setTimeout as wait } from "node:timers/promises";
import { killQuietly } from "./end-run.ts";
import { listProcesses, readMark, readProcess } from "./process-files.ts";

/** Longest time for all of it, in milliseconds. */
const PATIENCE_MS = 10_000;
const WAIT_MS = 5;

/**
 * Kills every process whose environment has `KLOROS_RUN=<labelPrefix…>`, until none is left; says how many there were.
 * Let the prefix name home and purpose, so that another home's runs are left alone.
 * @throws {RangeError} an empty prefix would mean everybody's runs
 */
export async function killLeftovers(labelPrefix: string): Promise<number> {
  if (labelPrefix === "") throw new RangeError("killLeftovers needs a prefix: the label of the runs to end");
  const ended = new Set<string>();
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (;;) {
    const found = livingWithMark(labelPrefix);
    for (const [pid, startedAt] of found) {
      ended.add(`${pid} ${startedAt}`);
      killQuietly(pid);
    }
    if (found.size === 0 || performance.now() > deadlineMs) return ended.size;
    await wait(WAIT_MS);
  }
}

function livingWithMark(labelPrefix: string): Map<number, string> {
  const found = new Map<number, string>();
  for (const pid of listProcesses()) {
    if (pid === process.pid) continue;
    const mark = readMark(pid);
    if (mark.kind !== "mark" || !mark.mark.startsWith(labelPrefix)) continue;
    const stat = readProcess(pid);
    if (stat && !stat.isZombie) found.set(pid, stat.startedAt);
  }
  return found;
}
