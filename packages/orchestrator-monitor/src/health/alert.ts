/** What is said of a change: the facts of its alert, a line in the log, a row of `health:checks`. Pure. */
import type { Facts } from "@kloros/bus";
import { type Change, crossed, type Row } from "./board.ts";
import { checkOf } from "./check-table.ts";
import type { Threshold } from "./level.ts";
import { amountWords, spanWords, thresholdWords, type Unit } from "./units.ts";

/** By daemon: the name of its package. */
export type Packages = ReadonlyMap<string, string>;

export function alertOf(change: Change, packages: Packages): Facts<"Q_HEALTH_ALERT"> {
  const { row, before, off } = change;
  const { alert, unit } = checkOf(row.check);
  const threshold = crossed(change);
  return {
    alert_type: alert,
    severity: row.level === "ok" ? "info" : row.level,
    metric_value: off ?? (row.last === null ? "unknown" : amountWords(row.last.value, unit)),
    threshold: threshold === null ? "none" : thresholdWords(threshold, unit),
    recommended_action: row.level === "ok" ? "none" : actionOf(row, packages),
    subject: row.subject,
    message: sentence(change),
    details: {
      check: row.check,
      before,
      ...(row.last === null ? {} : { value: row.last.value, unit: wireUnit(unit) }),
    },
  };
}

function actionOf({ check, subject, last }: Row, packages: Packages): string {
  const action = last?.action ?? checkOf(check).action;
  const name = packages.get(subject);
  if (action !== "restart") return action;
  return name === undefined ? "look_at_the_log" : `restart_${name.replaceAll("-", "_")}`;
}

function sentence({ row, before, off }: Change): string {
  const { unit, description } = checkOf(row.check);
  const what = `${row.subject}: ${description.charAt(0).toLowerCase()}${description.slice(1)}`;
  if (off !== null) return `${what}: over, ${off}`;
  const value = row.last === null ? "unknown" : amountWords(row.last.value, unit);
  const detail = row.last?.detail === undefined ? "" : ` (${row.last.detail})`;
  if (row.level === "ok") return `${what}: over, now ${value}`;
  return `${what}: ${value}${detail}${row.level === "warning" && before === "critical" ? ", no longer critical" : ""}`;
}

/** One row of `health:checks`. */
export interface CheckRow {
  readonly check: string;
  readonly subject: string;
  readonly level: string;
  /** null: not measured since the monitor's start. */
  readonly value: number | null;
  /** `percent`, `bytes`, `ms`, or what is counted. */
  readonly unit: string;
  /** The value with its unit, for people. */
  readonly text: string;
  readonly warning: Threshold | null;
  readonly critical: Threshold | null;
  /** RFC 3339, UTC: since when it has this level. */
  readonly since: string;
  readonly recommended_action: string | null;
  readonly detail: string | null;
}

export function checkRow(row: Row, packages: Packages): CheckRow {
  const { unit } = checkOf(row.check);
  const { check, subject, level, since, thresholds, last } = row;
  return {
    check,
    subject,
    level,
    value: last?.value ?? null,
    unit: wireUnit(unit),
    text:
      last === null
        ? "not measured yet"
        : unit === "span"
          ? spanWords(last.value)
          : amountWords(last.value, unit),
    warning: thresholds.warning,
    critical: thresholds.critical,
    since,
    recommended_action: level === "ok" ? null : actionOf(row, packages),
    detail: last?.detail ?? null,
  };
}

function wireUnit(unit: Unit): string {
  return unit === "span" ? "ms" : unit;
}
