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

/** An ordering key that somebody waits for or holds. */
interface KeySlot<T> {
  held: boolean;
  /** All that wait for it, in order of arrival. */
  readonly queue: Deque<T>;
  /** Those of them that were looked at in their lane and are not there any more: it was not their turn yet. */
  readonly parked: Set<T>;
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
    this.#lane(item).push(item);
    if (item.key === null) return;
    let slot = this.#keys.get(item.key);
    if (slot === undefined)
      this.#keys.set(item.key, (slot = { held: false, queue: new Deque(), parked: new Set() }));
    slot.queue.push(item);
  }

  /** The next that may run; its key is in use until `release`. */
  take(): T | undefined {
    const fair = ++this.#taken % FAIR_EVERY === 0;
    for (let i = 0; i < LANES; i++) {
      const lane = this.#lanes[fair ? LANES - 1 - i : i] as Deque<T>;
      for (let item = lane.shift(); item !== undefined; item = lane.shift()) {
        if (!this.#mayRun(item)) continue;
        this.#size--;
        return item;
      }
    }
    return undefined;
  }

  #mayRun(item: T): boolean {
    const slot = item.key === null ? undefined : this.#keys.get(item.key);
    if (slot === undefined) return true;
    if (slot.held || slot.queue.peek() !== item) {
      slot.parked.add(item);
      return false;
    }
    slot.queue.shift();
    slot.held = true;
    return true;
  }

  /** Its key is free again; the next of that key goes to the front of its lane if it was passed over there. */
  release(item: T): void {
    const slot = item.key === null ? undefined : this.#keys.get(item.key);
    if (item.key === null || slot === undefined) return;
    slot.held = false;
    this.#callNext(item.key, slot);
  }

  /** Takes out all that match. Keys in use stay in use until released. */
  remove(matches: (item: T) => boolean): void {
    for (const lane of this.#lanes) this.#size -= lane.removeIf(matches);
    for (const [key, slot] of this.#keys) {
      slot.queue.removeIf(matches);
      for (const item of slot.parked) if (matches(item) && slot.parked.delete(item)) this.#size--;
      if (!slot.held) this.#callNext(key, slot);
    }
  }

  #callNext(key: string, slot: KeySlot<T>): void {
    const next = slot.queue.peek();
    if (next === undefined) this.#keys.delete(key);
    else if (slot.parked.delete(next)) this.#lane(next).unshift(next);
  }

  #lane(item: T): Deque<T> {
    return this.#lanes[item.lane] as Deque<T>;
  }
}
