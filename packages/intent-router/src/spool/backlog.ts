/**
 * What waits to be routed, most urgent first, then oldest, then by name (a binary heap of small records).
 * The files themselves stay on disk; its size is bounded by the intake, which owns the records.
 */
export interface Waiting {
  readonly name: string;
  /** 0 is the most urgent. */
  readonly rank: number;
  /** When the file was last written, in milliseconds since the epoch. */
  readonly mtimeMs: number;
}

export class Backlog<T extends Waiting> {
  readonly #heap: T[] = [];

  get size(): number {
    return this.#heap.length;
  }

  push(item: T): void {
    const heap = this.#heap;
    let index = heap.push(item) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!this.#swapIfBefore(index, parent)) return;
      index = parent;
    }
  }

  pop(): T | undefined {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first;
    heap[0] = last;
    let index = 0;
    for (;;) {
      const left = 2 * index + 1;
      const right = heap[left + 1];
      const leftItem = heap[left];
      if (leftItem === undefined) return first;
      const child = right !== undefined && isBefore(right, leftItem) ? left + 1 : left;
      if (!this.#swapIfBefore(child, index)) return first;
      index = child;
    }
  }

  #swapIfBefore(lower: number, upper: number): boolean {
    const heap = this.#heap;
    const a = heap[lower];
    const b = heap[upper];
    if (a === undefined || b === undefined || !isBefore(a, b)) return false;
    heap[lower] = b;
    heap[upper] = a;
    return true;
  }
}

function isBefore(a: Waiting, b: Waiting): boolean {
  if (a.rank !== b.rank) return a.rank < b.rank;
  if (a.mtimeMs !== b.mtimeMs) return a.mtimeMs < b.mtimeMs;
  return a.name < b.name;
}
