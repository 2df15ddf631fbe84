/** How long to wait before the next attempt to connect. Pure. */

/** First pause, in milliseconds: a daemon that restarts at once is back after about so long. */
const FIRST_MS = 50;
/** Longest pause, in milliseconds: a daemon that comes back is noticed within it. */
const LONGEST_MS = 2_000;

/**
 * Pause before attempt number `attempt` (from 0), in milliseconds: doubling, bounded, and between half and all of that by
 * `random` (0–1), so that many clients of one daemon do not come back together.
 */
export function backoffMs(attempt: number, random: number): number {
  const full = Math.min(LONGEST_MS, FIRST_MS * 2 ** Math.min(attempt, 16));
  return full * (0.5 + random / 2);
}
