import { setTimeout as sleep } from "node:timers/promises";
import { backoffDelays, type BackoffOptions } from "./backoff.ts";

/** All attempts failed; `cause` is the last failure. */
export class RetriesExhaustedError extends Error {
  readonly attempts: number;
  constructor(attempts: number, options: ErrorOptions) {
    super(`gave up after ${attempts} attempts`, options);
    this.attempts = attempts;
  }
}

/** Calls `action` until it succeeds or the attempts are used up. */
export async function retry<T>(action: (attempt: number) => Promise<T>, options: BackoffOptions): Promise<T> {
  const delays = backoffDelays(options);
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await action(attempt);
    } catch (cause) {
      const delay = delays.next();
      if (delay.done) throw new RetriesExhaustedError(attempt, { cause });
      await sleep(delay.value);
    }
  }
}
