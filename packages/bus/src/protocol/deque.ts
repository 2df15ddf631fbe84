/** A first-in, first-out list whose `shift` does not move the rest. */
export class Deque<T> {
  #items: (T | undefined)[] = [];
  #head = 0;

  get length(): number {
    return this.#items.length - this.#head;
  }

  push(item: T): void {
    this.#items.push(item);
  }

  unshift(item: T): void {
    if (this.#head > 0) this.#items[--this.#head] = item;
    else this.#items.unshift(item);
  }

  peek(): T | undefined {
    return this.#items[this.#head];
  }

  shift(): T | undefined {
    if (this.#head === this.#items.length) return undefined;
    const item = this.#items[this.#head];
    this.#items[this.#head++] = undefined;
    if (this.#head === this.#items.length) {
      this.#items = [];
      this.#head = 0;
    } else if (this.#head > COMPACT_AT && this.#head * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#head);
      this.#head = 0;
    }
    return item;
  }

  items(): T[] {
    return this.#items.slice(this.#head) as T[];
  }

  count(matches: (item: T) => boolean): number {
    let found = 0;
    for (let i = this.#head; i < this.#items.length; i++) if (matches(this.#items[i] as T)) found++;
    return found;
  }

  /** Returns how many were removed. */
  removeIf(matches: (item: T) => boolean): number {
    const kept = this.items().filter((item) => !matches(item));
    const removed = this.length - kept.length;
    this.#items = kept;
    this.#head = 0;
    return removed;
  }
}

/** Shifted slots kept before the list is copied down. */
const COMPACT_AT = 1_024;
