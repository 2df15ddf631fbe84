/**
 * Asks systemd for more time than the unit's timeouts, where that is deserved: a start that gets on (a long catch-up, a large
 * folder to scan), and a stop for as long as the configuration lets handlers finish. A start that stands still gets none.
 */
import type { Notifier } from "./notifier.ts";

/** systemd is asked so often while starting, in milliseconds … */
const INTERVAL_MS = 5_000;
/** … for so much more each time, in milliseconds: several questions may be lost. */
const EXTENSION_MS = 30_000;
/** A start without any sign of progress gets no more time after this, in milliseconds. */
const STILL_LIMIT_MS = 120_000;
/** Nor does one that has taken this long in all, in milliseconds: a catch-up that takes longer is a hang with good manners. */
const START_LIMIT_MS = 900_000;
/** Above what is announced for a stop, in milliseconds. */
const STOP_MARGIN_MS = 5_000;

/** Asks while the start goes on; `progress` is any text that changes when it gets on. Returns the end of asking. */
export function askForStartTime(notifier: Notifier, progress: () => string): () => void {
  if (!notifier.isSystemd) return () => undefined;
  const begunMs = performance.now();
  let seen = progress();
  let movedMs = begunMs;
  const timer = setInterval(() => {
    const now = performance.now();
    const current = progress();
    if (current !== seen) movedMs = now;
    seen = current;
    if (now - movedMs < STILL_LIMIT_MS && now - begunMs < START_LIMIT_MS)
      notifier.send(extension(EXTENSION_MS));
  }, INTERVAL_MS);
  return () => clearInterval(timer);
}

/** The state that announces a stop which may take `longestMs`. */
export function stopTime(longestMs: number): string {
  return extension(longestMs + STOP_MARGIN_MS);
}

function extension(ms: number): string {
  return `EXTEND_TIMEOUT_USEC=${Math.ceil(ms) * 1_000}`;
}
