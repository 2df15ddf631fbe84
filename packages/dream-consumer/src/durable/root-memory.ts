/**
 * What has become of each trigger, by the id that asked first; so that nothing is done twice, whoever asks again.
 *
 * P5 Bounded: the oldest are forgotten, in the order in which they came (not by clock), never one that is still at work.
 */
import { createHash } from "node:crypto";
import type { StateReader, TxState } from "@kloros/bus";
import type { RootRecord } from "../decide/admission.ts";

const COUNTERS = "root-counters";
/** Forgotten in one transaction at most. */
const MAX_FORGOTTEN = 100;
const UUID_LENGTH = 36;
const NUMBER_DIGITS = 12;

interface Counters {
  readonly next: number;
  readonly oldest: number;
}

export class RootMemory {
  readonly #limit: number;

  /** @param limit triggers remembered */
  constructor(limit: number) {
    this.#limit = limit;
  }

  get(state: StateReader, rootId: string): RootRecord | undefined {
    return state.get<RootRecord>(recordKey(rootId));
  }

  put(state: TxState, rootId: string, record: RootRecord): void {
    const key = recordKey(rootId);
    if (state.get(key) === undefined) this.#remember(state, key);
    state.put(key, record);
  }

  #remember(state: TxState, key: string): void {
    const { next, oldest } = state.get<Counters>(COUNTERS) ?? { next: 0, oldest: 0 };
    state.put(orderKey(next), key);
    let first = oldest;
    for (let count = 0; count < MAX_FORGOTTEN && next + 1 - first > this.#limit; count++, first++) {
      const old = state.get<string>(orderKey(first));
      if (old !== undefined) {
        const standing = state.get<RootRecord>(old)?.standing;
        if (standing === "queued" || standing === "running") break;
        state.delete(old);
      }
      state.delete(orderKey(first));
    }
    state.put(COUNTERS, { next: next + 1, oldest: first });
  }
}

/** Hexadecimal digits that stand for an id: its own when it is a UUID, else those of its hash. */
export function hexOf(id: string): string {
  const digits = id.replaceAll("-", "");
  if (id.length === UUID_LENGTH && /^[0-9a-f]{32}$/.test(digits)) return digits;
  return createHash("sha256").update(id).digest("hex").slice(0, 32);
}

function recordKey(rootId: string): string {
  return `root:${hexOf(rootId)}`;
}

function orderKey(index: number): string {
  return `root-order:${String(index).padStart(NUMBER_DIGITS, "0")}`;
}
