/** All limits of the supervisor in one place; times in milliseconds. Nothing here waits without a deadline (P10). */
export interface SupervisorLimits {
  /** Longest silence of a child that is starting. Any line on its notify pipe renews it. */
  readonly startGraceMs: number;
  /** Longest start in all, however lively: a catch-up that takes longer is a hang with good manners. */
  readonly startCapMs: number;
  /** Longest silence of a ready child; it owes a WATCHDOG=1 each second. */
  readonly heartbeatMs: number;
  /** From SIGTERM to SIGKILL. Longer than any daemon's own drain deadline, so that no drain is cut short. */
  readonly drainMs: number;
  /** The same after a second Ctrl-C. */
  readonly hurryMs: number;
  /** From SIGABRT to SIGKILL of a child that hangs. */
  readonly abortMs: number;
  /** Longest wait for one child's end before the next one is asked, when all are stopped in order. */
  readonly stopStaggerMs: number;
  /** First delay of a restart; doubles with each attempt, jittered between half and whole. */
  readonly backoffBaseMs: number;
  readonly backoffCapMs: number;
  /** Starts within `startWindowMs`, none of which lasted `minUptimeMs`, after which a child is given up. */
  readonly startLimit: number;
  readonly startWindowMs: number;
  /** Ready time after which the attempts are forgotten. */
  readonly minUptimeMs: number;
  /** A gap between two looks at the clock beyond this means that the supervisor itself slept. */
  readonly sleepGapMs: number;
}

export const DEFAULT_LIMITS: SupervisorLimits = {
  startGraceMs: 60_000,
  startCapMs: 900_000,
  heartbeatMs: 10_000,
  drainMs: 40_000,
  hurryMs: 2_000,
  abortMs: 2_000,
  stopStaggerMs: 1_000,
  backoffBaseMs: 500,
  backoffCapMs: 30_000,
  startLimit: 5,
  startWindowMs: 60_000,
  minUptimeMs: 10_000,
  sleepGapMs: 2_000,
};

/** How often the shell looks at the clock. */
export const TICK_MS = 200;
