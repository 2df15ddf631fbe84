/** The times in a unit, each with its reason; in seconds. A stop is never cut short by its own supervisor (P10). */

/** A daemon proves progress at least every 5 s; three beats may be late on a busy machine. */
export const WATCHDOG_S = 15;
/** A daemon that died is back after so long; with the start limit this is what the specification asks for. */
export const RESTART_S = 5;
export const START_LIMIT_BURST = 5;
export const START_LIMIT_INTERVAL_S = 60;
/** From the process to READY; a start that gets on (a long catch-up) asks for more by itself. */
export const START_S = 60;
/** From the watchdog's SIGABRT to SIGKILL: a process that is stopped (SIGSTOP) does not die of the first. */
export const ABORT_S = 5;
/** After the drain the kit gives the rest of the drain and the close of sockets and journal 5 s each. */
const CLOSE_S = 2 * 5;
/** Node's own end, and a machine that has other things to do. */
const STOP_MARGIN_S = 15;

/** From SIGTERM to SIGKILL: the drain, all closing steps, and a margin. */
export function stopTimeoutS(drainDeadlineMs: number): number {
  return Math.ceil(drainDeadlineMs / 1_000) + CLOSE_S + STOP_MARGIN_S;
}
