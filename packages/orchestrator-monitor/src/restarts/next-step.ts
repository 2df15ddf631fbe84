/**
 * What to do next about a daemon that is to be restarted, judged by how things stand now. Pure. Asked again and again until it
 * says how it ended, also by a monitor that was killed in between: nothing but `before` and `told` is remembered.
 *
 * R1 Only the process that ran when the restart began is ended. One that was started since is the restart's success.
 * R2 A daemon that somebody stopped stays stopped, also when that happens meanwhile (design: a deliberate stop is not undone).
 * R3 Killed is only who does not answer, after it has been asked in vain for `patienceMs`.
 */
import type { Facts } from "@kloros/bus";
import type { HealthAnswer, LastEnd, Supervised } from "../supervision/sighting.ts";

/** A process of a daemon, as its lock tells. */
export interface Process {
  readonly pid: number;
  /** RFC 3339, UTC: when it took the lock. */
  readonly since: string;
}

export interface Restart {
  readonly daemon: string;
  /** When it was asked for, or the trouble was seen that it is to mend, in milliseconds since 1970. */
  readonly wantedMs: number;
  /** The process that is to end; null: none has been found yet. */
  readonly before: Process | null;
  /** How that process, or its supervisor, was asked. */
  readonly told: Method | null;
}

export type Method = "supervisor" | "control_socket" | "killed";

export interface Scene {
  /** null: no process holds the daemon's lock. */
  readonly holder: Process | null;
  readonly answer: HealthAnswer | null;
  /** null: no supervisor answers, or it has other daemons. */
  readonly supervised: Supervised | null;
  readonly isLeftOut: boolean;
  readonly lastEnd: LastEnd;
  /** Milliseconds since this monitor took the restart up. */
  readonly elapsedMs: number;
  /** Milliseconds since this monitor asked last; null: it has not. */
  readonly sinceToldMs: number | null;
}

export type Failure = Pick<Facts<"Q_DAEMON_RESTART_FAILED">, "error_type" | "error_message">;

export type Step =
  /** Keep it durably before anything is done to it. */
  | { readonly kind: "begin"; readonly before: Process }
  | { readonly kind: "tell"; readonly method: Exclude<Method, "killed"> }
  | { readonly kind: "kill"; readonly pid: number }
  | { readonly kind: "wait" }
  | { readonly kind: "done"; readonly method: Method | "already"; readonly pid: number }
  | { readonly kind: "failed"; readonly failure: Failure };

export interface Patience {
  readonly patienceMs: number;
  /** Longest time for the whole restart. */
  readonly giveUpMs: number;
}

const WAIT: Step = { kind: "wait" };

export function nextStep(restart: Restart, scene: Scene, patience: Patience): Step {
  const { holder } = scene;
  const { before } = restart;
  const step = holder === null ? absent(restart, scene) : present(restart, scene, holder, patience);
  if (step.kind !== "wait" && step.kind !== "kill" && step.kind !== "tell") return step;
  if (scene.elapsedMs < patience.giveUpMs) return step;
  const seconds = Math.round(patience.giveUpMs / 1_000);
  return before !== null && isSame(before, holder)
    ? failed("NotEnded", `process ${before.pid} of ${restart.daemon} does not end in ${seconds} s`)
    : failed(
        "NotBack",
        `${restart.daemon} ended and was not ready again within ${seconds} s; its supervisor's log says why`,
      );
}

function present(
  { before, told, wantedMs }: Restart,
  scene: Scene,
  holder: Process,
  { patienceMs }: Patience,
): Step {
  const { answer, supervised } = scene;
  // Asked by a monitor that was killed since: patience begins anew.
  const sinceToldMs = scene.sinceToldMs ?? (told === null ? null : scene.elapsedMs);
  if (before === null && Date.parse(holder.since) <= wantedMs) return { kind: "begin", before: holder };
  if (!isSame(before, holder)) {
    const isReady = answer !== null && answer.state === "ready" && answer.pid === holder.pid;
    return isReady ? { kind: "done", method: howItEnded(before, told, answer), pid: holder.pid } : WAIT; // R1
  }
  const waited = sinceToldMs !== null && sinceToldMs >= patienceMs;
  if (waited && answer === null) return { kind: "kill", pid: holder.pid }; // R3
  if (supervised === null) {
    // Asked in vain, or by a monitor that died over it: once more, unless it is on its way.
    const isOnItsWay = answer?.state === "stopping" || (sinceToldMs !== null && !waited);
    return isOnItsWay ? WAIT : { kind: "tell", method: "control_socket" };
  }
  // R2: what is stopping has been told already, or somebody stops it, which an order would undo.
  return supervised.phase === "stopping" ? WAIT : { kind: "tell", method: "supervisor" };
}

/** Asked to end itself, it may have been too deaf for that: then a watchdog was faster than this monitor's patience. */
function howItEnded(before: Process | null, told: Method | null, answer: HealthAnswer): Method | "already" {
  if (before === null || told === null) return "already";
  return told === "control_socket" && answer.starts?.last_end === "unclean" ? "killed" : told;
}

function absent({ daemon, before, told }: Restart, { supervised, isLeftOut, lastEnd }: Scene): Step {
  if (supervised !== null) {
    if (supervised.phase === "stopped") return stopped(daemon, "its supervisor keeps it stopped"); // R2
    if (supervised.phase === "failed")
      return failed(
        "GivenUp",
        `the supervisor has given up ${daemon}: ${supervised.reason}; after repair: kloros restart ${daemon}`,
      );
    return WAIT;
  }
  if (before !== null || told !== null) return WAIT; // It has ended; whoever supervises it starts it.
  if (isLeftOut) return stopped(daemon, "kloros up runs without it");
  switch (lastEnd) {
    case "clean":
      return stopped(daemon, "its last end was in order");
    case "unclean":
      return WAIT;
    case null:
      return failed("NotInstalled", `${daemon} has never run on this home`);
  }
}

function isSame(before: Process | null, holder: Process | null): boolean {
  return before !== null && before.pid === holder?.pid && before.since === holder.since;
}

function stopped(daemon: string, how: string): Step {
  return failed(
    "StoppedOnPurpose",
    `${daemon} is stopped (${how}) and stays so; start it with kloros start or systemctl start`,
  );
}

function failed(error_type: Failure["error_type"], error_message: string): Step {
  return { kind: "failed", failure: { error_type, error_message } };
}
