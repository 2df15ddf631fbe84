/**
 * A map in a daemon's durable state that forgets its oldest entries beyond a limit (P5). Every operation costs the same,
 * however much it holds. Pure: the state is passed in.
 */
import type { TxState } from "@kloros/bus";

interface Entry<V> {
  /** Its place in the order of insertion. */
  readonly n: number;
  readonly v: V;
}

interface Meta {
  readonly head: number;
  readonly count: number;
}

/** Digits of a place; enough for a million years of a thousand insertions a second. */
const PLACE_DIGITS = 16;

export class BoundedMap<V> {
  readonly #state: TxState;
  readonly #name: string;
  readonly #limit: number;

  constructor(state: TxState, name: string, limit: number) {
    this.#state = state;
    this.#name = name;
    this.#limit = limit;
  }

  get(key: string): V | undefined {
    return this.#state.get<Entry<V>>(this.#entryKey(key))?.v;
  }

  /** Values whose key starts with `prefix`, in order of keys, at most `limit`. */
  list(prefix: string, limit: number): { key: string; value: V }[] {
    const start = this.#entryKey("").length;
    return this.#state
      .list<Entry<V>>(this.#entryKey(prefix), limit)
      .map(({ key, value }) => ({ key: key.slice(start), value: value.v }));
  }

  /** Sets a value; a key that is there keeps its place in the order. Returns what was forgotten for it. */
  put(key: string, value: V): { key: string; value: V } | null {
    const known = this.#state.get<Entry<V>>(this.#entryKey(key));
    const { head, count } = this.#meta();
    const n = known?.n ?? head;
    this.#state.put(this.#entryKey(key), { n, v: value } satisfies Entry<V>);
    if (known !== undefined) return null;
    this.#state.put(this.#placeKey(n), key);
    this.#state.put(this.#metaKey, { head: head + 1, count: count + 1 } satisfies Meta);
    return count + 1 > this.#limit ? this.#forgetOldest() : null;
  }

  delete(key: string): void {
    const known = this.#state.get<Entry<V>>(this.#entryKey(key));
    if (known === undefined) return;
    const { head, count } = this.#meta();
    this.#state.delete(this.#entryKey(key));
    this.#state.delete(this.#placeKey(known.n));
    this.#state.put(this.#metaKey, { head, count: count - 1 } satisfies Meta);
  }

  #forgetOldest(): { key: string; value: V } | null {
    const [oldest] = this.#state.list<string>(`${this.#name}.order:`, 1);
    if (oldest === undefined) return null;
    const value = this.get(oldest.value);
    this.delete(oldest.value);
    return value === undefined ? null : { key: oldest.value, value };
  }

  #meta(): Meta {
    return this.#state.get<Meta>(this.#metaKey) ?? { head: 0, count: 0 };
  }

  get #metaKey(): string {
    return `${this.#name}.meta`;
  }

  #entryKey(key: string): string {
    return `${this.#name}:${key}`;
  }

  #placeKey(n: number): string {
    return `${this.#name}.order:${String(n).padStart(PLACE_DIGITS, "0")}`;
  }
}
