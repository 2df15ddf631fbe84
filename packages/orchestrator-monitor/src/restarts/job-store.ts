/** Restarts that are under way, and when which daemon was restarted, in durable state. */
import type { StateReader, TxState } from "@kloros/bus";
import type { Restart } from "./next-step.ts";

export interface RestartJob extends Restart {
  /** Id of the signal that asked. */
  readonly request_id: string;
  readonly correlation_id: string;
  /** When it was asked for, in milliseconds since 1970. */
  readonly requestedMs: number;
}

const JOB_PREFIX = "restart/job/";
const COUNT_PREFIX = "restart/count/";
/** Restarts under way, over all daemons (P5); requests come one by one and end within minutes. */
const MAX_JOBS = 1_000;
const HOUR_MS = 3_600_000;

/** In the order of their requests. */
export function storedJobs(state: StateReader): RestartJob[] {
  return state
    .list<RestartJob>(JOB_PREFIX, MAX_JOBS)
    .map(({ value }) => value)
    .sort((a, b) => (a.request_id < b.request_id ? -1 : 1));
}

export function keepJob(state: TxState, job: RestartJob): void {
  state.put(`${JOB_PREFIX}${job.request_id}`, job);
}

export function dropJob(state: TxState, job: RestartJob): void {
  state.delete(`${JOB_PREFIX}${job.request_id}`);
}

/** When a daemon was restarted within the last hour, in milliseconds since 1970; times of a clock that was set back since are none. */
export function restartsOf(state: StateReader, daemon: string, nowMs: number): number[] {
  const times = state.get<readonly number[]>(`${COUNT_PREFIX}${daemon}`) ?? [];
  return times.filter((time) => time <= nowMs && nowMs - time < HOUR_MS);
}

export function countRestart(state: TxState, daemon: string, nowMs: number): void {
  state.put(`${COUNT_PREFIX}${daemon}`, [...restartsOf(state, daemon, nowMs), nowMs]);
}

/** When the next one is allowed, in milliseconds since 1970; null: now. @param times oldest first */
export function allowedAgainAt(times: readonly number[], max: number): number | null {
  if (times.length < max) return null;
  const oldest = times[times.length - max];
  return oldest === undefined ? Infinity : oldest + HOUR_MS;
}
