/** Ends every process of a run: the group at once, then whatever else belongs to it, until nothing of it lives. */
import { setTimeout as wait } from "node:timers/promises";
import type { RunCensus, RunEntry } from "./run-census.ts";

/** Longest wait for killed processes to be gone, in milliseconds; one that waits for a dead disk cannot be killed at all. */
const PATIENCE_MS = 10_000;
/** Between two looks, in milliseconds. */
const FIRST_WAIT_MS = 1;
const LONGEST_WAIT_MS = 20;

/** Kills the run's process group; what left the group is `endRun`'s. */
export function killGroup(root: number): void {
  killQuietly(-root);
}

/** Resolves when no process of the run is left. Zombies do not count: they are dead, and their parent's business. */
export async function endRun(census: RunCensus, entry: RunEntry): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  for (let waitMs = FIRST_WAIT_MS; ; waitMs = Math.min(waitMs * 2, LONGEST_WAIT_MS)) {
    const { unclear } = census.look();
    if (entry.alive.size === 0 && !unclear) return;
    if (entry.alive.size > 0) killGroup(entry.root);
    for (const pid of entry.alive.keys()) killQuietly(pid);
    if (performance.now() > deadlineMs) return;
    await wait(waitMs);
  }
}

/** SIGKILL; that the target is gone, or not ours, is no news. */
export function killQuietly(target: number): void {
  try {
    process.kill(target, "SIGKILL");
  } catch {
    // ESRCH: gone. EPERM: it has become another user's, which a run of ours cannot undo.
  }
}
