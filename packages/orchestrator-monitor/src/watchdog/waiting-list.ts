/** `watchdog:list`: what is waited for, in the words of the control socket. */
import { ControlRequestError } from "@kloros/daemon";
import type { Expectations } from "./expectations.ts";
import type { Stored } from "./matter-store.ts";
import type { OpenWait } from "./ledger.ts";
import type { TimedOut, Wait } from "./watch.ts";

/** One row; times in seconds, rounded to milliseconds. */
export interface WaitRow {
  readonly state: "waiting" | "timed_out" | "answered_late";
  readonly signal: string;
  readonly id: string;
  readonly question_id: string;
  readonly correlation_id: string;
  readonly expected: readonly string[];
  readonly on_timeout: string | null;
  readonly suggested_action: string | null;
  readonly attempt: number;
  readonly age_s: number;
  /** Negative: overdue. Null when it is over. */
  readonly due_in_s: number | null;
  readonly timeout_id: string | null;
  /** Id of the late completion. */
  readonly answered_by: string | null;
}

export interface ListRequest {
  /** Also those that timed out and are remembered. */
  readonly all: boolean;
  readonly limit: number;
}

/** Rows in one answer when none are asked for; the answer must fit into what a client reads. */
const DEFAULT_LIMIT = 1_000;
export const MAX_LISTED_WAITS = 5_000;

/** @throws {ControlRequestError} */
export function readListRequest(data: unknown): ListRequest {
  const { all = false, limit = DEFAULT_LIMIT } = (data ?? {}) as Record<string, unknown>;
  if (typeof all !== "boolean") throw new ControlRequestError("all must be true or false");
  if (!Number.isInteger(limit) || Number(limit) < 1 || Number(limit) > MAX_LISTED_WAITS)
    throw new ControlRequestError(`limit must be a whole number from 1 to ${MAX_LISTED_WAITS}`);
  return { all, limit: Number(limit) };
}

/** The next due first, then what is over, the newest first. `stored` are the matters, where those are asked for, too. */
export function listWaits(
  open: Iterable<OpenWait>,
  stored: readonly Stored[],
  now: number,
  expectations: Expectations,
  limit: number,
): WaitRow[] {
  const waiting = [...open].sort((a, b) => a.wait.due - b.wait.due).slice(0, limit);
  const over = stored
    .flatMap(({ matter }) => matter.timed_out.map((old) => ({ old, correlation_id: matter.correlation_id })))
    .sort((a, b) => b.old.at - a.old.at)
    .slice(0, limit - waiting.length);
  const row = (wait: Wait, correlation_id: string, old: TimedOut | null): WaitRow => {
    const expected = expectations.bySignal.get(wait.signal);
    return {
      state: old === null ? "waiting" : old.late === null ? "timed_out" : "answered_late",
      signal: wait.signal,
      id: wait.id,
      question_id: wait.question_id,
      correlation_id,
      expected: wait.any_of,
      on_timeout: expected?.on_timeout ?? null,
      suggested_action: expected?.suggested_action ?? null,
      attempt: wait.attempt,
      age_s: seconds(now - wait.since),
      due_in_s: old === null ? seconds(wait.due - now) : null,
      timeout_id: old?.timeout_id ?? null,
      answered_by: old?.late?.id ?? null,
    };
  };
  return [
    ...waiting.map(({ wait, correlation_id }) => row(wait, correlation_id, null)),
    ...over.map(({ old, correlation_id }) => row(old.wait, correlation_id, old)),
  ];
}

function seconds(milliseconds: number): number {
  return Math.round(milliseconds) / 1_000;
}
