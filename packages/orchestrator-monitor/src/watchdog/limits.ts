/** What the watchdog keeps at most, and for how long. */

/** Open waits of one matter: retries are three; more is a contract whose `expects` lacks a `match`. */
export const MAX_OPEN_PER_MATTER = 256;
/** Completions without a trigger, remembered timeouts and completions seen on disk, of one matter, each. */
export const MAX_REMEMBERED_PER_MATTER = 64;
/** Matters of which something is remembered though nothing is open: a few hundred bytes each, on disk. */
export const MAX_REMEMBERED_MATTERS = 20_000;
/** How long that is remembered, in milliseconds: longer than anybody leaves a mesh half stopped. */
export const REMEMBER_MS = 7 * 86_400_000;
/** Facts of a trigger that its timeout repeats, in bytes of JSON; larger ones are left out. */
export const MAX_TRIGGER_FACTS_BYTES = 256 * 1024;
/** Timeouts in one transaction, and the bytes of facts after which it is closed: one short commit each. */
export const MAX_FIRED_PER_COMMIT = 100;
export const MAX_FIRED_BYTES_PER_COMMIT = 4 * 1024 * 1024;
/** Longest wait at a start for emitters that are there to be caught up with, in milliseconds. */
export const CATCH_UP_MS = 15_000;
/** Between two looks whether a clock was set, while something is open, in milliseconds. */
export const CLOCK_CHECK_MS = 5_000;
/** Between two rounds of forgetting what is too old, in milliseconds. */
export const SWEEP_MS = 60_000;
/** First and longest wait after a firing that failed (a full disk), in milliseconds. */
export const RETRY_FIRST_MS = 500;
export const RETRY_LONGEST_MS = 30_000;
