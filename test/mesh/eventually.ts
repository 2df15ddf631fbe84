/** Waiting for a condition with a deadline, instead of sleeping. */
import { setTimeout as sleep } from "node:timers/promises";

/** Pause between two looks, in milliseconds. */
const LOOK_EVERY_MS = 25;

/**
 * Looks until the answer is neither false, null nor undefined, and resolves with it.
 * `what` finishes the sentence "did not happen: …"; a function, when what is missing is known only at the end.
 */
export async function eventually<T>(
  what: string | (() => string),
  look: () => T | Promise<T>,
  deadlineMs = 20_000,
): Promise<NonNullable<Exclude<T, false>>> {
  const giveUpAt = performance.now() + deadlineMs;
  for (;;) {
    const found = await look();
    if (found !== undefined && found !== null && found !== false)
      return found as NonNullable<Exclude<T, false>>;
    if (performance.now() > giveUpAt) {
      throw new Error(`did not happen within ${deadlineMs} ms: ${typeof what === "string" ? what : what()}`);
    }
    await sleep(LOOK_EVERY_MS);
  }
}
