/**
 * Proof of progress, not of mere life (P10): a beat is sent only when the event loop turned, the node answered,
 * and no handler runs past its deadline. Whoever gets no beat restarts this daemon.
 */
import type { NodeStats } from "@kloros/bus";
import type { Notifier } from "./notifier.ts";

/** Without anybody waiting for beats the STATUS line is still renewed, this often. */
const STATUS_INTERVAL_MS = 5_000;
/**
 * A handler that ignores its abort signal may hold its place a while after its deadline (`abortGraceMs` of the
 * bus); only when that has passed too, and this, is the daemon called stuck.
 */
const OVERDUE_GRACE_MS = 5_000;

export interface Progress {
  readonly stats: () => NodeStats;
  /** Longest deadline of a registered handler, in milliseconds. */
  readonly longestHandlerDeadlineMs: () => number;
  /** How long the bus itself lets an aborted handler hold its place, in milliseconds. */
  readonly abortGraceMs: number;
}

/** Why no beat may be sent now, or null. Pure. */
export function stuckReason(
  stats: NodeStats,
  longestDeadlineMs: number,
  abortGraceMs: number,
): string | null {
  const limitMs = longestDeadlineMs + abortGraceMs + OVERDUE_GRACE_MS;
  if (stats.oldestHandlerMs <= limitMs) return null;
  return `a handler has run for ${Math.round(stats.oldestHandlerMs / 1000)} s, past every deadline`;
}

/** Beats and renews the status line until stopped. Returns the stop. */
export function startWatchdog(
  notifier: Notifier,
  progress: Progress,
  hooks: { statusLine(): string; onStuckChange(reason: string | null): void },
): () => void {
  let lastStatus = "";
  let stuck = false;
  const beat = () => {
    const reason = probe(progress);
    if ((reason !== null) !== stuck) hooks.onStuckChange(reason);
    stuck = reason !== null;
    const status = hooks.statusLine();
    const states = [
      ...(stuck || notifier.watchdogIntervalMs === null ? [] : ["WATCHDOG=1"]),
      ...(status === lastStatus ? [] : [`STATUS=${status}`]),
    ];
    lastStatus = status;
    if (states.length > 0) notifier.send(...states);
  };
  // Through setImmediate: the timer alone does not show that input and output are served too.
  const timer = setInterval(() => setImmediate(beat), notifier.watchdogIntervalMs ?? STATUS_INTERVAL_MS);
  return () => clearInterval(timer);
}

function probe(progress: Progress): string | null {
  try {
    return stuckReason(progress.stats(), progress.longestHandlerDeadlineMs(), progress.abortGraceMs);
  } catch (cause) {
    return `the node does not answer: ${String(cause)}`;
  }
}
