/** Jobs and outcomes in the daemon's durable state. What is over is remembered up to a limit, the oldest forgotten first (P5). */
import type { StateReader, TxState } from "@kloros/bus";
import type { Done, Job, Outcome } from "./job.ts";

const JOB = "job:";
const DONE = "done:";
/** `order:<position>` → tournament id, so that the oldest outcome is found without reading all. */
const ORDER = "order:";
const NEXT = "next_order";
const ORDER_DIGITS = 16;
/** Forgotten per outcome at most: after the setting was lowered the rest goes bit by bit. */
const FORGET_AT_ONCE = 20;

export function findJob(state: StateReader, tournamentId: string): Job | undefined {
  return state.get<Job>(JOB + tournamentId);
}

export function findDone(state: StateReader, tournamentId: string): Done | undefined {
  return state.get<Done>(DONE + tournamentId);
}

/** All that wait or run, in the order in which they were asked for. */
export function listJobs(state: StateReader, limit: number): Job[] {
  return state
    .list<Job>(JOB, limit)
    .map(({ value }) => value)
    .sort((a, b) => a.order - b.order);
}

/** Puts a job at the end of the queue; an outcome of an earlier life of it is forgotten. */
export function enqueue(state: TxState, job: Omit<Job, "order">): void {
  const { tournament_id } = job.request;
  forget(state, tournament_id);
  state.put(JOB + tournament_id, { ...job, order: nextOrder(state) } satisfies Job);
}

export function replaceJob(state: TxState, job: Job): void {
  state.put(JOB + job.request.tournament_id, job);
}

/** Ends a job; of the outcomes, the newest `remembered` are kept. */
export function finish(state: TxState, job: Job, outcome: Outcome, remembered: number): void {
  const { tournament_id } = job.request;
  const order = nextOrder(state);
  state.delete(JOB + tournament_id);
  state.put(DONE + tournament_id, { outcome, order } satisfies Done);
  state.put(orderKey(order), tournament_id);
  const kept = state.list<string>(ORDER, remembered + FORGET_AT_ONCE);
  for (const { value } of kept.slice(0, Math.max(0, kept.length - remembered))) forget(state, value);
}

function forget(state: TxState, tournamentId: string): void {
  const done = findDone(state, tournamentId);
  if (!done) return;
  state.delete(DONE + tournamentId);
  state.delete(orderKey(done.order));
}

function nextOrder(state: TxState): number {
  const order = state.get<number>(NEXT) ?? 1;
  state.put(NEXT, order + 1);
  return order;
}

function orderKey(order: number): string {
  return ORDER + String(order).padStart(ORDER_DIGITS, "0");
}
