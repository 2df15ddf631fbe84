/** One row of the monitor's `watchdog:list`, and of `kloros waits --json`. */
export interface WaitRow {
  readonly state: "waiting" | "timed_out" | "answered_late";
  /** Name and id of the signal after which something is awaited. */
  readonly signal: string;
  readonly id: string;
  readonly question_id: string;
  readonly correlation_id: string;
  readonly expected: readonly string[];
  readonly on_timeout: string | null;
  readonly suggested_action: string | null;
  readonly attempt: number;
  /** Seconds since the wait began. */
  readonly age_s: number;
  /** Seconds until the timeout is told; null when the wait is over. */
  readonly due_in_s: number | null;
  readonly timeout_id: string | null;
  /** Id of a completion that came too late. */
  readonly answered_by: string | null;
}
