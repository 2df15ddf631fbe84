/**
 * The level of one check: hysteresis, so that what trembles around a threshold is told once. Pure.
 *
 * H1 A switch goes on at `rise` and off at `fall`, which lies below it; in between it stays as it is.
 * H2 It turns only when the value has called for it without a break for `sustainMs`.
 * H3 What is only known to be "at least so much" turns a switch on, never off: after a restart nothing is over by ignorance.
 */

export type Level = "ok" | "warning" | "critical";
export const LEVELS: readonly Level[] = ["ok", "warning", "critical"];

/** In the unit of the check; more is worse. */
export interface Threshold {
  readonly rise: number;
  readonly fall: number;
}

/** null: the check has no such level. */
export interface Thresholds {
  readonly warning: Threshold | null;
  readonly critical: Threshold | null;
}

export interface Measured {
  readonly value: number;
  /** False: the true value may be higher (H3). */
  readonly exact: boolean;
}

export interface Standing {
  readonly level: Level;
  readonly warning: Switch;
  readonly critical: Switch;
}

interface Switch {
  readonly on: boolean;
  /** Since when the value has called for the other position, in the caller's milliseconds; null: it does not. */
  readonly turningSince: number | null;
}

/** The standing of a check whose level is known from before, or that begins. */
export function standingAt(level: Level): Standing {
  const at = (on: boolean): Switch => ({ on, turningSince: null });
  return { level, warning: at(level !== "ok"), critical: at(level === "critical") };
}

/** @param now milliseconds that only go forward; @param sustainMs 0: at once */
export function judge(
  before: Standing,
  measured: Measured,
  thresholds: Thresholds,
  now: number,
  sustainMs: number,
): Standing {
  const turned = (one: Switch, threshold: Threshold | null): Switch =>
    turn(one, measured, threshold, now, sustainMs);
  const warning = turned(before.warning, thresholds.warning);
  const critical = turned(before.critical, thresholds.critical);
  return { level: critical.on ? "critical" : warning.on ? "warning" : "ok", warning, critical };
}

function turn(
  { on, turningSince }: Switch,
  { value, exact }: Measured,
  threshold: Threshold | null,
  now: number,
  sustainMs: number,
): Switch {
  if (threshold === null) return { on: false, turningSince: null };
  const calls = on ? exact && value <= threshold.fall : value >= threshold.rise; // H1, H3
  if (!calls) return { on, turningSince: null };
  const since = turningSince ?? now;
  return now - since >= sustainMs ? { on: !on, turningSince: null } : { on, turningSince: since }; // H2
}

/** The worst of several. */
export function worstOf(levels: Iterable<Level>): Level {
  let worst = 0;
  for (const level of levels) worst = Math.max(worst, LEVELS.indexOf(level));
  return LEVELS[worst] ?? "ok";
}
