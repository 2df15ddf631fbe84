export interface BackoffOptions {
  /** First delay, in milliseconds. */
  readonly baseMs: number;
  /** No delay is longer, in milliseconds. */
  readonly maxMs: number;
  /** Attempts in all, the first included. */
  readonly attempts: number;
}

/** The delays between attempts, in milliseconds: doubling, capped, each shortened by up to half at random. */
export function* backoffDelays(options: BackoffOptions, random: () => number = Math.random): Generator<number> {
  for (let retry = 0; retry < options.attempts - 1; retry += 1) {
    const full = Math.min(options.maxMs, options.baseMs * 2 ** retry);
    yield full / 2 + (full / 2) * random();
  }
}
