/** The last signals of each name, in a ring of durable state (P5). Pure: the state is passed in. */
import type { Envelope, TxState } from "@kloros/bus";
import type { Remembered } from "../cel/lookups.ts";

/** Bytes of one fact that are kept, and of all facts of one signal. */
const MAX_FACT_CHARACTERS = 1_024;
const MAX_FACTS_CHARACTERS = 4_096;
const SLOT_DIGITS = 6;

export class History {
  readonly #state: TxState;
  readonly #limit: number;

  /** @param limit signals kept of each name */
  constructor(state: TxState, limit: number) {
    this.#state = state;
    this.#limit = limit;
  }

  add(
    signal: Pick<Envelope, "signal" | "id" | "correlation_id" | "timestamp" | "facts">,
    clockMs: number,
  ): void {
    const headKey = `history.head:${signal.signal}`;
    const head = this.#state.get<number>(headKey) ?? 0;
    const { id, correlation_id, timestamp } = signal;
    const remembered: Remembered = {
      id,
      correlation_id,
      timestamp,
      ms: clockMs,
      facts: smallFacts(signal.facts),
    };
    const slot = String(head % this.#limit).padStart(SLOT_DIGITS, "0");
    this.#state.put(`history:${signal.signal}\t${slot}`, remembered);
    this.#state.put(headKey, head + 1);
  }

  /** Oldest first. */
  of(signal: string): Remembered[] {
    return this.#state
      .list<Remembered>(`history:${signal}\t`, this.#limit)
      .map(({ value }) => value)
      .sort((a, b) => a.ms - b.ms);
  }
}

/** Facts without what is large. */
export function smallFacts(facts: Readonly<Record<string, unknown>>): Record<string, unknown> {
  let left = MAX_FACTS_CHARACTERS;
  const kept = Object.entries(facts).filter(([name, value]) => {
    const size = name.length + JSON.stringify(value).length;
    if (size > Math.min(left, MAX_FACT_CHARACTERS)) return false;
    left -= size;
    return true;
  });
  return Object.fromEntries(kept);
}
