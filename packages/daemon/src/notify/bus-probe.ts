/** Asks the node's own sockets and journal from time to time whether they work; at most one question is under way. */
import type { Node } from "@kloros/bus";

/** An answer comes within a millisecond when all is well, in milliseconds. */
const DEADLINE_MS = 2_000;
/** Often enough for a limit of tens of seconds; each question wakes a process that may have nothing else to do. */
const LONGEST_INTERVAL_MS = 5_000;

export interface BusProbe {
  /** To be called at each beat; asks when it is time. */
  onBeat(nowMs: number): void;
  /** Failures since the last success. */
  readonly failures: number;
  /** Why the last one failed. */
  readonly error: string;
}

/** `limitMs`: silence after which somebody ends this process; the probe fails twice well before. */
export function busProbe(node: Pick<Node, "probe">, limitMs: number): BusProbe {
  const intervalMs = Math.min(LONGEST_INTERVAL_MS, limitMs / 3);
  const deadlineMs = Math.min(DEADLINE_MS, limitMs / 3);
  let askedMs = -Infinity;
  let isAsking = false;
  const state = { failures: 0, error: "" };
  const ask = async () => {
    isAsking = true;
    try {
      await node.probe(deadlineMs);
      state.failures = 0;
    } catch (cause) {
      state.failures++;
      state.error = cause instanceof Error ? cause.message : String(cause);
    } finally {
      isAsking = false;
    }
  };
  return {
    onBeat(nowMs) {
      if (isAsking || nowMs - askedMs < intervalMs) return;
      askedMs = nowMs;
      void ask();
    },
    get failures() {
      return state.failures;
    },
    get error() {
      return state.error;
    },
  };
}
