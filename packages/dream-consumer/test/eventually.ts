import { setTimeout as sleep } from "node:timers/promises";

/** Waits until the condition holds; throws with `what` when it does not within the deadline. */
export async function eventually(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 30_000,
): Promise<void> {
  const giveUpAt = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error(`not in ${deadlineMs} ms: ${what}`);
    await sleep(5);
  }
}
