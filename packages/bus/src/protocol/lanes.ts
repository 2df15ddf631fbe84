/**
 * The waiting room of one handler: a lane per priority, one signal per ordering key at a time.
 * Bounded by the receptors' windows (S3), so it needs no limit of its own. Pure.
 *
 * L1  Per ordering key, signals leave in the order in which they came (P9); higher priorities overtake other keys only.
 * L2  No lane starves: every `FAIR_EVERY`th signal comes from the lowest lane that has one.
 */
import { Deque } from "./deque.ts";

export interface Waiting {
  /** 0 critical … 3 low. */
  readonly lane: number;
  /** Null: no order asked for. */
  readonly key: string | null;
}

const LANES = 4;
const FAIR_EVERY = 16;

/** An ordering key in use: who waits for it, and who may take it next. */
interface KeySlot<T> {
  next: T | null;
  readonly waiting: Deque<T>;
}

export class Lanes<T extends Waiting> {
  readonly #lanes: Deque<T>[] = Array.from({ length: LANES }, () => new Deque<T>());
  readonly #keys = new Map<string, KeySlot<T>>();
  #size = 0;
  #taken = 0;

  get size(): number {
    return this.#size;
  }

  push(item: T): void {
    this.#size++;
    (this.#lanes[item.lane] as Deque<T>).push(item);
  }

  /** The next that may run; its key is in use until `release`. */
  take(): T | undefined {
    const fair = ++this.#taken % FAIR_EVERY === 0;
    for (let i = 0; i < LANES; i++) {
      const lane = this.#lanes[fair ? LANES - 1 - i : i] as Deque<T>;
      for (let item = lane.shift(); item !== undefined; item = lane.shift()) {
        if (item.key === null) return this.#leave(item);
        const slot = this.#keys.get(item.key);
        if (slot === undefined) this.#keys.set(item.key, { next: null, waiting: new Deque<T>() });
        if (slot === undefined || slot.next === item) {
          if (slot !== undefined) slot.next = null;
          return this.#leave(item);
        }
        slot.waiting.push(item);
      }
    }
    return undefined;
  }

  #leave(item: T): T {
    this.#size--;
    return item;
  }

  /** Its key is free again; the next of that key goes to the front of its lane. */
  release(item: T): void {
    const slot = item.key === null ? undefined : this.#keys.get(item.key);
    if (item.key === null || slot === undefined) return;
    const next = slot.waiting.shift();
    if (next === undefined) {
      this.#keys.delete(item.key);
    } else {
      this.#hand(slot, next);
    }
  }

  /** Takes out all that match. Keys in use stay in use until released. */
  remove(matches: (item: T) => boolean): void {
    for (const lane of this.#lanes) this.#size -= lane.removeIf(matches);
    for (const [key, slot] of this.#keys) {
      this.#size -= slot.waiting.removeIf(matches);
      if (slot.next === null || !matches(slot.next)) continue;
      // It stood first in its lane and is gone from there: whoever waits behind it comes next.
      const next = slot.waiting.shift();
      if (next === undefined) this.#keys.delete(key);
      else this.#hand(slot, next);
    }
  }

  #hand(slot: KeySlot<T>, next: T): void {
    slot.next = next;
    (this.#lanes[next.lane] as Deque<T>).unshift(next);
  }
}
