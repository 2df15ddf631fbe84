/** The supervisor's state as others see it: `supervisor:status` and `kloros status`. Pure. */
import type { Child, SupervisorState } from "./state.ts";

/** The four states that users see; a child that waits for its next start is `starting`. */
export type DaemonState = "ready" | "starting" | "stopped" | "failed";

/** One daemon in the answer to `supervisor:status`. */
export interface SupervisedStatus {
  readonly name: string;
  readonly state: DaemonState;
  readonly pid: number | null;
  readonly restarts: number;
  readonly uptime_s: number;
  /** The supervisor's finer word: stopped, failed, backoff, starting, ready, stopping or aborting. */
  readonly phase: Child["phase"]["kind"];
  /** Why it is not running; empty when it is. */
  readonly reason: string;
  /** The daemon's own last STATUS= line. */
  readonly status: string;
}

/** `now` is of the supervisor's clock. */
export function statusOf(state: SupervisorState, now: number): SupervisedStatus[] {
  return state.children.map((child) => {
    const { name, phase, pid, restarts, readyAt, status } = child;
    return {
      name,
      state: stateOf(phase.kind),
      pid,
      restarts,
      uptime_s: readyAt === null ? 0 : Math.round(now - readyAt) / 1_000,
      phase: phase.kind,
      reason: "reason" in phase ? phase.reason : "",
      status,
    };
  });
}

function stateOf(phase: Child["phase"]["kind"]): DaemonState {
  switch (phase) {
    case "ready":
    case "stopped":
    case "failed":
      return phase;
    case "starting":
    case "backoff":
      return "starting";
    case "stopping":
      return "stopped";
    case "aborting":
      return "failed";
  }
}
