/**
 * Remembers in the daemon's durable state which investigations were announced as integrated, so that a second
 * completion of one (another signal, same investigation) is not announced twice.
 *
 * P5 Bounded: ids of investigations are ordered by time, and the oldest are forgotten.
 */
import type { Tx, TxState } from "@kloros/bus";

const PREFIX = "integrated:";
/** Pruning lists all that is remembered; once in so many it costs nothing. */
const PRUNE_EVERY = 500;

export class OutcomeMemory {
  readonly #limit: number;
  #untilPrune = 0;

  /** @param limit investigations remembered */
  constructor(limit: number) {
    this.#limit = limit;
  }

  has(state: Pick<TxState, "get">, investigationId: string): boolean {
    return state.get(PREFIX + investigationId) !== undefined;
  }

  add({ state }: Tx, investigationId: string, at: string): void {
    state.put(PREFIX + investigationId, at);
    if (this.#untilPrune-- > 0) return;
    this.#untilPrune = PRUNE_EVERY;
    const remembered = state.list(PREFIX, this.#limit + 2 * PRUNE_EVERY);
    for (const { key } of remembered.slice(0, Math.max(0, remembered.length - this.#limit)))
      state.delete(key);
  }
}
