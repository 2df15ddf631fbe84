/**
 * Whether a daemon is meant to run, judged by what is known of it. Pure.
 *
 * A daemon that was stopped on purpose, that has never run, or that is starting is not sick. Who knows:
 * - under `kloros up` its supervisor, which is asked;
 * - otherwise the lock of the daemon, which the kernel frees when its process ends: held, the process lives;
 * - where it is free, how the last process ended, by the daemon's own record: after a clean end (`systemctl stop`,
 *   `system:shutdown`, SIGTERM) it is stopped on purpose, after any other it is meant to run and does not.
 */

/** What of `system:health` is used here; members that an older daemon lacks are undefined. */
export interface HealthAnswer {
  readonly state?: string;
  readonly pid?: number;
  readonly uptime_s?: number;
  readonly rss_bytes?: number;
  readonly lag?: number;
  readonly stuck?: string | null;
  readonly starts?: {
    readonly count_24h?: number;
    readonly unclean_24h?: number;
    /** How the process before this one ended. */
    readonly last_end?: string;
  };
  readonly event_loop_delay_ms?: { readonly p99?: number } | null;
  readonly paused?: readonly PausedByHand[];
  readonly stats?: HealthStats | null;
}

export interface PausedByHand {
  readonly signal: string;
  readonly since: string;
  readonly until?: string | null;
}

export interface HealthStats {
  readonly lastSeq?: number;
  readonly handled?: number;
  readonly deadLettered?: number;
  readonly paused?: readonly string[];
  readonly journalBytes?: number;
  readonly maxJournalBytes?: number;
}

/** What the supervisor says of a daemon. */
export interface Supervised {
  readonly name: string;
  readonly phase: string;
  readonly reason: string;
}

/** How a daemon's last process ended; null: nothing tells (it has never run here, or its release keeps no record). */
export type LastEnd = "clean" | "unclean" | null;

export interface Knowledge {
  /** null: it did not answer in time. */
  readonly answer: HealthAnswer | null;
  /** null: no supervisor answers, or it does not know this daemon. */
  readonly supervised: Supervised | null;
  /** A supervisor answers, and has other daemons only. */
  readonly isLeftOut: boolean;
  /** Since when a process has held the daemon's lock, in milliseconds since 1970; null: none does. */
  readonly lockedSinceMs: number | null;
  readonly lastEnd: LastEnd;
  readonly nowMs: number;
}

export type Sighting =
  | { readonly kind: "well"; readonly answer: HealthAnswer }
  /** Starting or stopping: nothing to be judged. `answer` where it gave one. */
  | { readonly kind: "in_between"; readonly what: "starting" | "stopping" }
  /** Nobody wants it to run. */
  | { readonly kind: "off"; readonly what: "stopped" | "not_installed" | "left_out" }
  /** Meant to run. `alive`: a process is there, which does not answer. */
  | { readonly kind: "silent"; readonly alive: boolean; readonly why: string };

/** A process that is younger may still be too busy with its start to answer, in milliseconds. */
const START_GRACE_MS = 60_000;

export function sight(known: Knowledge): Sighting {
  const { answer, supervised, isLeftOut, lockedSinceMs, lastEnd, nowMs } = known;
  if (answer !== null) {
    if (answer.state === "starting" || answer.state === "stopping")
      return { kind: "in_between", what: answer.state };
    return { kind: "well", answer };
  }
  if (supervised !== null) return bySupervisor(supervised);
  if (lockedSinceMs !== null) {
    const ageMs = Math.abs(nowMs - lockedSinceMs);
    if (ageMs < START_GRACE_MS) return { kind: "in_between", what: "starting" };
    return { kind: "silent", alive: true, why: "its process lives and does not answer" };
  }
  if (isLeftOut) return { kind: "off", what: "left_out" };
  switch (lastEnd) {
    case "clean":
      return { kind: "off", what: "stopped" };
    case "unclean":
      return { kind: "silent", alive: false, why: "it ended unexpectedly and was not started again" };
    case null:
      return { kind: "off", what: "not_installed" };
  }
}

function bySupervisor({ phase, reason }: Supervised): Sighting {
  switch (phase) {
    case "stopped":
      return { kind: "off", what: "stopped" };
    case "starting":
    case "stopping":
      return { kind: "in_between", what: phase };
    case "backoff":
      return { kind: "silent", alive: false, why: `it ended (${reason}) and waits for its next start` };
    case "failed":
      return { kind: "silent", alive: false, why: `its supervisor has given it up: ${reason}` };
    default:
      return { kind: "silent", alive: true, why: "its process lives and does not answer" };
  }
}
