/**
 * The jobs in the daemon's state: live ones, and a bounded memory of those that have ended, so that what is asked twice
 * is done once.
 *
 * P3 Everything here happens inside a transaction with what it goes along with.
 */
import type { StateReader, Tx } from "@kloros/bus";
import { type EndedJob, type Job } from "../decide.ts";
import type { StoredAsk } from "./stored-ask.ts";

const LIVE = "job:";
const ENDED = "ended:";
const ASK = "ask:";
const ORDER = "order";
/** More than may ever be queued or remembered. */
const LIST_LIMIT = 20_000;

export class JobBook {
  readonly #state: StateReader;
  readonly #remembered: number;

  /** @param remembered ended jobs that are kept */
  constructor(state: StateReader, remembered: number) {
    this.#state = state;
    this.#remembered = remembered;
  }

  /** In the order in which they were asked for. */
  live(): Job[] {
    return liveIn(this.#state);
  }

  job(cycleId: string, state: StateReader = this.#state): Job | undefined {
    return state.get<Job>(LIVE + cycleId);
  }

  ended(cycleId: string, state: StateReader = this.#state): EndedJob | undefined {
    return state.get<EndedJob>(ENDED + cycleId);
  }

  liveCount(state: StateReader): number {
    return state.list(LIVE, LIST_LIMIT).length;
  }

  /** The next position: behind all others. */
  nextOrder(tx: Tx): number {
    const order = (tx.state.get<number>(ORDER) ?? 0) + 1;
    tx.state.put(ORDER, order);
    return order;
  }

  /** Keeps what was asked until it is decided on. */
  ask(tx: Tx, ask: StoredAsk): void {
    tx.state.put(ASK + ask.asker.id, ask);
  }

  /** At most a thousand at a time. */
  asks(): StoredAsk[] {
    return this.#state.list<StoredAsk>(ASK).map(({ value }) => value);
  }

  decided(tx: Tx, ask: StoredAsk): void {
    tx.state.delete(ASK + ask.asker.id);
  }

  put(tx: Tx, job: Job): void {
    tx.state.put(LIVE + job.cycle_id, job);
  }

  end(tx: Tx, ended: EndedJob): void {
    tx.state.delete(LIVE + ended.job.cycle_id);
    this.remember(tx, ended);
  }

  remember(tx: Tx, ended: EndedJob): void {
    tx.state.put(ENDED + ended.job.cycle_id, ended);
    const all = tx.state
      .list<EndedJob>(ENDED, LIST_LIMIT)
      .map(({ key, value }) => ({ key, order: value.job.order }));
    if (all.length <= this.#remembered) return;
    all.sort((a, b) => a.order - b.order);
    for (const { key } of all.slice(0, all.length - this.#remembered)) tx.state.delete(key);
  }
}

function liveIn(state: StateReader): Job[] {
  return state
    .list<Job>(LIVE, LIST_LIMIT)
    .map(({ value }) => value)
    .sort((a, b) => a.order - b.order);
}
