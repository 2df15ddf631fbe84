/** Waits by the moment they are due, the earliest first: a binary heap, so that one timer suffices however many are open. */

export interface Due {
  readonly id: string;
  /** Where the wait is kept. */
  readonly key: string;
  readonly due: number;
}

export class DueQueue {
  readonly #heap: Due[] = [];
  /** What is in the heap and not withdrawn, by id. */
  readonly #live = new Map<string, Due>();

  get size(): number {
    return this.#live.size;
  }

  add(entry: Due): void {
    if (this.#live.has(entry.id)) return;
    this.#live.set(entry.id, entry);
    this.#heap.push(entry);
    this.#siftUp(this.#heap.length - 1);
  }

  /** Withdraws a wait; its place in the heap is given up when it comes to the top. */
  remove(id: string): void {
    this.#live.delete(id);
    if (this.#heap.length > 2 * this.#live.size + 64) this.#rebuild();
  }

  /** When the next one is due; null when none is open. */
  next(): number | null {
    this.#dropWithdrawn();
    return this.#heap[0]?.due ?? null;
  }

  /** Takes out what is due, at most `limit`, the earliest first. */
  takeDue(now: number, limit: number): Due[] {
    const taken: Due[] = [];
    for (this.#dropWithdrawn(); taken.length < limit; this.#dropWithdrawn()) {
      const first = this.#heap[0];
      if (first === undefined || first.due > now) break;
      this.#pop();
      this.#live.delete(first.id);
      taken.push(first);
    }
    return taken;
  }

  #dropWithdrawn(): void {
    for (let first = this.#heap[0]; first !== undefined; first = this.#heap[0]) {
      if (this.#live.get(first.id) === first) return;
      this.#pop();
    }
  }

  #rebuild(): void {
    this.#heap.length = 0;
    this.#heap.push(...[...this.#live.values()].sort((a, b) => a.due - b.due));
  }

  #pop(): void {
    const last = this.#heap.pop();
    if (last === undefined || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#siftDown();
  }

  #siftUp(from: number): void {
    for (let at = from; at > 0;) {
      const parent = (at - 1) >> 1;
      if (!this.#swapIfEarlier(at, parent)) return;
      at = parent;
    }
  }

  #siftDown(): void {
    for (let at = 0; ;) {
      const [left, right] = [2 * at + 1, 2 * at + 2];
      const child = this.#dueAt(right) < this.#dueAt(left) ? right : left;
      if (!this.#swapIfEarlier(child, at)) return;
      at = child;
    }
  }

  #swapIfEarlier(lower: number, upper: number): boolean {
    const [a, b] = [this.#heap[lower], this.#heap[upper]];
    if (a === undefined || b === undefined || a.due >= b.due) return false;
    [this.#heap[lower], this.#heap[upper]] = [b, a];
    return true;
  }

  #dueAt(index: number): number {
    return this.#heap[index]?.due ?? Infinity;
  }
}
