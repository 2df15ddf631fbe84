/** What a cycle is asked with, as it is kept from the trigger on, and the name that the cycle gets. Pure. */

/** A `Q_DREAM_TRIGGER`, reduced to what its cycle needs. */
export interface Trigger {
  readonly trigger_id: string;
  /** Id of the signal that asked for this work first. */
  readonly root_id: string;
  readonly correlation_id: string;
  readonly topic: string | null;
  /** Asked for by name; null: the topic says it. */
  readonly experiment: string | null;
  /** File names. null: the trigger counts promotions without naming them. */
  readonly promotions: readonly string[] | null;
  readonly attempt: number;
}

/**
 * `dream_<YYYYMMDD_HHMMSS>_<last 8 hex digits of the root id>`, UTC, so that a repetition is recognised; `_r<attempt>` from
 * the second attempt on. `rootHex`: hexadecimal digits that stand for the root id. `rootMs`: its time, in Unix milliseconds.
 */
export function cycleName(rootHex: string, rootMs: number, attempt: number): string {
  const [date = "", time = ""] = new Date(rootMs)
    .toISOString()
    .replaceAll(/[^\dT.]/g, "")
    .split(/[T.]/);
  return `dream_${date}_${time}_${rootHex.slice(-8)}${attempt > 1 ? `_r${attempt}` : ""}`;
}
