/** Waits for a condition with a deadline, instead of sleeping. */
import { setTimeout as sleep } from "node:timers/promises";

export async function until<T>(
  what: string,
  probe: () => T | undefined | false | null | Promise<T | undefined | false | null>,
  deadlineMs = 20_000,
): Promise<T> {
  const giveUpAt = performance.now() + deadlineMs;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false && found !== null) return found;
    if (performance.now() > giveUpAt) throw new Error(`not within ${String(deadlineMs)} ms: ${what}`);
    await sleep(20);
  }
}

/** Whether a process exists and is no zombie. */
export async function isRunning(pid: number): Promise<boolean> {
  const { readFile } = await import("node:fs/promises");
  const stat = await readFile(`/proc/${String(pid)}/stat`, "utf8").catch(() => "");
  return stat !== "" && !/\) [ZX] /u.test(stat);
}
