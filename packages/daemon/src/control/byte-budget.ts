/**
 * The memory of all clients together: unfinished lines, unread answers, streams. When it is used up, the client that holds
 * most gives back what it holds, whoever asked for the last byte: small clients never pay for large ones (P5).
 */

/** Bytes that all clients of one control socket may hold in this process. */
export const MAX_HELD_BYTES = 64 * 1024 * 1024;

/** One client's account. */
export interface Holder {
  /** Gives back all or most of what it holds, at once. */
  shed(): void;
}

export class ByteBudget {
  readonly #held = new Map<Holder, number>();
  #total = 0;

  get total(): number {
    return this.#total;
  }

  /** `holder` holds `bytes` now. */
  set(holder: Holder, bytes: number): void {
    this.#total += bytes - (this.#held.get(holder) ?? 0);
    if (bytes === 0) this.#held.delete(holder);
    else this.#held.set(holder, bytes);
    while (this.#total > MAX_HELD_BYTES) {
      const [largest] = [...this.#held].reduce((a, b) => (b[1] > a[1] ? b : a));
      this.#total -= this.#held.get(largest) ?? 0;
      this.#held.delete(largest);
      largest.shed(); // Tells what it still holds, if anything.
    }
  }
}
