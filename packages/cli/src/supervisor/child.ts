/**
 * One child's life: what its lines, its exit, the clock and a person's word make of it. Pure.
 *
 * Invariants: S1 a process is started only when none of the child is alive · S2 a deliberate stop is never undone ·
 * S3 each SIGTERM and SIGABRT is followed by SIGKILL at a deadline (P10) · S4 attempts are forgotten only after
 * `minUptimeMs` of being ready · S5 at most `startLimit` quick starts within `startWindowMs` ·
 * S6 exit 73, 75 and 78 are not restarted.
 */
import { exitVerdict } from "./exit-verdict.ts";
import type { SupervisorLimits } from "./limits.ts";
import type { Action, Child, ChildEvent } from "./state.ts";
import { isAlive } from "./state.ts";

/** What the outside gives to a decision: the time, limits, and one random number in [0, 1). */
export interface Circumstances {
  readonly now: number;
  readonly random: number;
  readonly limits: SupervisorLimits;
}

export type ChildStep = readonly [Child, readonly Action[]];

/** Starts the child by a person's word, which forgets all earlier failures. Nothing when it is alive. */
export function startChild(child: Child, around: Circumstances): ChildStep {
  if (isAlive(child)) return [child, []];
  return spawn({ ...child, attempts: 0, starts: [] }, around);
}

/** Ends the child on purpose (S2); `again` starts it anew afterwards. `withinMs` is the way to SIGKILL (S3). */
export function stopChild(child: Child, around: Circumstances, again: boolean, withinMs: number): ChildStep {
  const killAt = around.now + withinMs;
  switch (child.phase.kind) {
    case "starting":
    case "ready":
      return [
        { ...child, phase: { kind: "stopping", killAt, killed: false, again } },
        [{ kind: "signal", name: child.name, run: child.run, signal: "SIGTERM" }],
      ];
    case "stopping":
      return [
        { ...child, phase: { ...child.phase, killAt: Math.min(killAt, child.phase.killAt), again } },
        [],
      ];
    case "aborting": {
      const { killAt: sooner, killed } = child.phase;
      return [{ ...child, phase: { kind: "stopping", killAt: Math.min(killAt, sooner), killed, again } }, []];
    }
    case "backoff":
    case "stopped":
    case "failed":
      if (again) return startChild(child, around);
      if (child.phase.kind === "failed") return [child, []];
      return [{ ...child, phase: { kind: "stopped", reason: "stopped on purpose" } }, []];
  }
}

/** A line of the child or its end. Events of an earlier process are ignored. */
export function onChildEvent(child: Child, event: ChildEvent, around: Circumstances): ChildStep {
  if (event.run !== child.run || !isAlive(child)) return [child, []];
  switch (event.kind) {
    case "spawned":
      return [{ ...child, pid: event.pid }, []];
    case "ready":
      return onReady(child, around);
    case "progress":
      return [withSign(child, around.now), []];
    case "status":
      return [{ ...withSign(child, around.now), status: event.text }, []];
    case "stopping":
      return [{ ...withSign(child, around.now), saidStopping: true }, []];
    case "exited":
      return onExit(child, event, around);
  }
}

/** What the time alone brings about: a start that is due, a deadline that has passed. */
export function onTime(child: Child, around: Circumstances): ChildStep {
  const { phase } = child;
  const { now, limits } = around;
  switch (phase.kind) {
    case "backoff":
      return now >= phase.until ? spawn(child, around) : [child, []];
    case "starting":
      if (now - phase.since >= limits.startCapMs)
        return abort(child, `not ready within ${String(limits.startCapMs / 1000)} s`, around);
      if (now - phase.signAt < limits.startGraceMs) return [child, []];
      return abort(
        child,
        `neither ready nor a sign of progress for ${String(limits.startGraceMs / 1000)} s`,
        around,
      );
    case "ready":
      if (now - phase.signAt < limits.heartbeatMs) return [child, []];
      return abort(child, `no progress for ${String(limits.heartbeatMs / 1000)} s`, around);
    case "stopping":
    case "aborting":
      if (phase.killed || now < phase.killAt) return [child, []];
      return [
        { ...child, phase: { ...phase, killed: true } },
        [
          { kind: "signal", name: child.name, run: child.run, signal: "SIGKILL" },
          report(child, "warn", "Killed: it did not end within its deadline", {}),
        ],
      ];
    case "stopped":
    case "failed":
      return [child, []];
  }
}

/** The supervisor itself slept for `gapMs`: what it did not see is not the child's fault. */
export function forgive(child: Child, gapMs: number, now: number): Child {
  const { phase } = child;
  switch (phase.kind) {
    case "starting":
      return { ...child, phase: { ...phase, signAt: now, since: phase.since + gapMs } };
    case "ready":
      return { ...child, phase: { ...phase, signAt: now } };
    case "stopping":
    case "aborting":
      return { ...child, phase: { ...phase, killAt: phase.killAt + gapMs } };
    default:
      return child;
  }
}

function onReady(child: Child, { now }: Circumstances): ChildStep {
  if (child.phase.kind !== "starting") return [withSign(child, now), []];
  return [{ ...child, phase: { kind: "ready", since: now, signAt: now }, readyAt: now }, []];
}

type Exited = Extract<ChildEvent, { kind: "exited" }>;

function onExit(child: Child, event: Exited, around: Circumstances): ChildStep {
  const gone: Child = { ...child, pid: null, readyAt: null };
  if (child.phase.kind === "stopping") {
    if (child.phase.again) return spawn({ ...gone, attempts: 0, starts: [] }, around);
    return [{ ...gone, phase: { kind: "stopped", reason: "stopped on purpose" } }, []];
  }
  const hang = child.phase.kind === "aborting" ? child.phase.reason : null;
  const verdict = exitVerdict(event, child.saidStopping, hang);
  switch (verdict.kind) {
    case "deliberate":
      return [
        { ...gone, phase: { kind: "stopped", reason: verdict.reason } },
        [report(child, "info", "Stopped by itself; it stays stopped", { reason: verdict.reason })],
      ];
    case "again":
      return backOff({ ...gone, attempts: 0 }, around.limits.backoffBaseMs, verdict.reason, around, [
        "info",
        "Starting it again, as it asked",
      ]);
    case "hopeless":
      return fail(gone, verdict.reason);
    case "later":
      return backOff({ ...gone, starts: [] }, around.limits.backoffCapMs, verdict.reason, around);
    case "crash":
      return onCrash(gone, child.readyAt, verdict.reason, around);
  }
}

function onCrash(gone: Child, readyAt: number | null, reason: string, around: Circumstances): ChildStep {
  const { now, limits } = around;
  const lasted = readyAt !== null && now - readyAt >= limits.minUptimeMs; // S4
  const starts = lasted ? [] : gone.starts.filter((at) => now - at < limits.startWindowMs);
  if (starts.length >= limits.startLimit) {
    // S5
    const window = `${String(starts.length)} starts within ${String(limits.startWindowMs / 1000)} s`;
    return fail({ ...gone, starts }, `${reason}; given up after ${window}`);
  }
  const attempts = lasted ? 1 : gone.attempts + 1;
  const whole = Math.min(limits.backoffCapMs, limits.backoffBaseMs * 2 ** (attempts - 1));
  return backOff({ ...gone, starts, attempts }, whole, reason, around);
}

/** Waits between half of `wholeMs` and the whole, so that those who crashed together do not start together. */
function backOff(
  gone: Child,
  wholeMs: number,
  reason: string,
  { now, random }: Circumstances,
  told: ["info" | "warn", string] = ["warn", "Ended unexpectedly; starting it again"],
): ChildStep {
  const delayMs = wholeMs / 2 + (wholeMs / 2) * random;
  const fields = { reason, attempt: gone.attempts, delay_ms: Math.round(delayMs) };
  return [
    { ...gone, phase: { kind: "backoff", until: now + delayMs, reason } },
    [report(gone, ...told, fields)],
  ];
}

function fail(gone: Child, reason: string): ChildStep {
  const hint = `kloros restart ${gone.name}`;
  return [
    { ...gone, phase: { kind: "failed", reason } },
    [report(gone, "error", "Failed; it is not started again", { reason, after_repair: hint })],
  ];
}

function spawn(child: Child, { now, limits }: Circumstances): ChildStep {
  const run = child.run + 1;
  const started: Child = {
    ...child,
    run,
    pid: null,
    restarts: run - 1,
    starts: [...child.starts, now].slice(-limits.startLimit),
    readyAt: null,
    saidStopping: false,
    status: "",
    phase: { kind: "starting", since: now, signAt: now },
  };
  return [started, [{ kind: "spawn", name: child.name, run }]];
}

function abort(child: Child, reason: string, { now, limits }: Circumstances): ChildStep {
  return [
    { ...child, phase: { kind: "aborting", killAt: now + limits.abortMs, killed: false, reason } },
    [
      { kind: "signal", name: child.name, run: child.run, signal: "SIGABRT" },
      report(child, "error", "Hangs; ending it", { reason }),
    ],
  ];
}

function withSign(child: Child, now: number): Child {
  const { phase } = child;
  if (phase.kind !== "starting" && phase.kind !== "ready") return child;
  return { ...child, phase: { ...phase, signAt: now } };
}

function report(
  child: Child,
  level: "info" | "warn" | "error",
  message: string,
  fields: Readonly<Record<string, unknown>>,
): Action {
  return { kind: "report", name: child.name, level, message, fields };
}
