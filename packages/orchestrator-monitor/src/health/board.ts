/**
 * The level of every check as it stands, and what is told when one changes. Pure: readings and times are passed in.
 *
 * P3 A change counts only when it has been kept: the caller commits the alerts and the levels together, then says `took`.
 */
import { CHECK_NAMES, type CheckName, checkOf } from "./check-table.ts";
import type { Reading } from "./daemon-track.ts";
import { judge, type Level, type Standing, standingAt, type Thresholds } from "./level.ts";

/** What is kept durably of a check that is not ok. */
export interface KeptLevel {
  readonly check: CheckName;
  readonly subject: string;
  readonly level: Level;
  /** RFC 3339, UTC. */
  readonly since: string;
}

export interface Row extends KeptLevel {
  readonly standing: Standing;
  /** null: not measured since the start. */
  readonly last: Reading | null;
  readonly thresholds: Thresholds;
}

export interface Change {
  readonly row: Row;
  readonly before: Level;
  /** Why it is over although nothing was measured; null: it was. */
  readonly off: string | null;
}

export class Board {
  readonly #thresholds: ReadonlyMap<CheckName, Thresholds | null>;
  readonly #sustainMs: number;
  #rows: ReadonlyMap<string, Row>;

  constructor(
    thresholds: ReadonlyMap<CheckName, Thresholds | null>,
    sustainMs: number,
    kept: readonly KeptLevel[],
  ) {
    this.#thresholds = thresholds;
    this.#sustainMs = sustainMs;
    const known = kept.filter(({ check }) => CHECK_NAMES.includes(check));
    this.#rows = new Map(
      known.map((one) => [
        rowKey(one),
        {
          ...one,
          standing: standingAt(one.level),
          last: null,
          thresholds: thresholds.get(one.check) ?? { warning: null, critical: null },
        },
      ]),
    );
  }

  /** Every check that has been measured or is not ok, in the order of the table. */
  get rows(): readonly Row[] {
    return [...this.#rows.values()].sort(
      (a, b) =>
        CHECK_NAMES.indexOf(a.check) - CHECK_NAMES.indexOf(b.check) || (a.subject < b.subject ? -1 : 1),
    );
  }

  /**
   * What these readings, and the subjects that are off, lead to. Nothing is changed before `took`.
   * @param off why nothing of a subject is to be judged, by subject
   */
  judge(
    readings: readonly Reading[],
    off: ReadonlyMap<string, string>,
    now: number,
    at: string,
  ): { readonly rows: ReadonlyMap<string, Row>; readonly changes: readonly Change[] } {
    const rows = new Map(this.#rows);
    const changes: Change[] = [];
    for (const reading of readings) {
      const thresholds = this.#thresholds.get(reading.check);
      if (!thresholds) continue;
      const key = rowKey(reading);
      const before = rows.get(key);
      const standing = judge(
        before?.standing ?? standingAt("ok"),
        reading,
        thresholds,
        now,
        this.#sustain(reading.check),
      );
      const was = before?.level ?? "ok";
      const since = before !== undefined && standing.level === was ? before.since : at;
      const { check, subject } = reading;
      const row = { check, subject, level: standing.level, since, standing, last: reading, thresholds };
      rows.set(key, row);
      if (standing.level !== was) changes.push({ row, before: was, off: null });
    }
    for (const [key, row] of this.#rows) {
      const reason = this.#thresholds.get(row.check) ? off.get(row.subject) : "the check is switched off";
      if (reason === undefined) continue;
      rows.delete(key);
      const over = { ...row, level: "ok" as const, since: at, standing: standingAt("ok") };
      if (row.level !== "ok") changes.push({ row: over, before: row.level, off: reason });
    }
    return { rows, changes };
  }

  took(rows: ReadonlyMap<string, Row>): void {
    this.#rows = rows;
  }

  #sustain(check: CheckName): number {
    return checkOf(check).sustained ? this.#sustainMs : 0;
  }
}

/** Which threshold a value is held against: to rise to `level`, or to fall from `before`. */
export function crossed({ row: { level, thresholds }, before }: Change): number | null {
  const isBetter = level === "ok" || (level === "warning" && before === "critical");
  if (!isBetter) return (level === "critical" ? thresholds.critical : thresholds.warning)?.rise ?? null;
  return (before === "critical" ? thresholds.critical : thresholds.warning)?.fall ?? null;
}

export function rowKey({ check, subject }: { readonly check: string; readonly subject: string }): string {
  return `${check}\t${subject}`;
}
