/**
 * Proof of progress, not of mere life (P10): a beat is sent only while the event loop turns, the node's own sockets and
 * journal answer a probe, no write to the journal hangs and no handler runs past its deadline and grace. Whoever gets no
 * beat restarts this daemon. One that is merely busy beats on.
 */
import type { Node } from "@kloros/bus";
import { busProbe } from "./bus-probe.ts";
import type { Notifier } from "./notifier.ts";
import { stuckReason } from "./stuck-reason.ts";

/** Without anybody waiting for beats the STATUS line is still renewed, and the node looked at, this often, in milliseconds. */
const STATUS_INTERVAL_MS = 5_000;
/** For how long the probe may go unanswered when nobody set a limit, in milliseconds; then health says that it is stuck. */
const OWN_LIMIT_MS = 30_000;

/** Beats and renews the status line until stopped. Returns the stop. */
export function startWatchdog(
  notifier: Notifier,
  node: Pick<Node, "stats" | "probe">,
  hooks: { statusLine(): string; onStuckChange(reason: string | null): void },
): () => void {
  const probe = busProbe(node, notifier.watchdogLimitMs ?? OWN_LIMIT_MS);
  let lastStatus = "";
  let stuck = false;
  const beat = () => {
    probe.onBeat(performance.now());
    const reason = reasonOf(node, probe);
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

function reasonOf(node: Pick<Node, "stats">, probe: { failures: number; error: string }): string | null {
  try {
    const { hung, journalWriteMs } = node.stats();
    return stuckReason({ hung, journalWriteMs, probe });
  } catch (cause) {
    return `the node does not answer: ${String(cause)}`;
  }
}
