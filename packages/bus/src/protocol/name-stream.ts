/**
 * One receptor's view of one signal name from one emitter: what it has seen, what it has finished, what it still owes.
 * Pure: no clock, no I/O. The books of `chem-bus audit` (P7) are the counters here.
 *
 * S1  `cursor <= seen`; every matching signal up to `cursor` is finished.
 * S2  A seq is accepted at most once: accepted seqs ascend (P3, P9).
 * S3  At most `window` signals are accepted and unfinished, or finished out of order (P5).
 */
import { Deque } from "./deque.ts";
import type { NameHead } from "./positions.ts";

export interface NameProgress {
  readonly cursor: number;
  /** Finished seqs above the cursor (handlers that overtook). */
  readonly done: readonly number[];
  /** How many signals of the name the emitter had journalled before this receptor's first. */
  readonly base: number;
  readonly handled: number;
  readonly dead: number;
  /** Signals that were gone from the journal before they could be handled. */
  readonly expired: number;
  /** The journal was set back since: `base` is to be found anew once everything it holds was given. */
  readonly unbalanced?: boolean;
}

export type Outcome = "handled" | "dead";

/** `old`: seen before. `gap`: something before it is missing. `full`: no room. `done`: finished before a restart. */
export type Offer = "accepted" | "old" | "gap" | "full" | "done";

export class NameStream {
  readonly name: string;
  /** Room for signals, kept by the number of them that are accepted and not yet passed by the cursor. */
  readonly window: number;
  /** The same in bytes of the signals held; kept by whoever holds them. */
  readonly maxBytes: number;
  heldBytes = 0;
  #cursor: number;
  #seen: number;
  #handled: number;
  #dead: number;
  #expired: number;
  #base: number;
  readonly #order = new Deque<number>();
  readonly #finished: Set<number>;
  /** Newest seq known to exist at the emitter. */
  head = 0;
  #scanned = 0;
  #unbalanced: boolean;
  /** A live frame was dropped, so something newer than `seen` exists even if no heartbeat said so. */
  gap = false;

  constructor(name: string, progress: NameProgress, window: number, maxBytes: number) {
    this.name = name;
    this.window = window;
    this.maxBytes = maxBytes;
    this.#cursor = progress.cursor;
    this.#seen = progress.cursor;
    this.#base = progress.base;
    this.#handled = progress.handled;
    this.#dead = progress.dead;
    this.#expired = progress.expired;
    this.#finished = new Set(progress.done);
    this.#unbalanced = progress.unbalanced === true;
  }

  get cursor(): number {
    return this.#cursor;
  }
  get seen(): number {
    return this.#seen;
  }
  /** The newest position that anything here is about. */
  get highest(): number {
    return Math.max(this.#seen, ...this.#finished);
  }
  /** Where the ledger is to look on: nothing of this name lies between `seen` and here. */
  get nextSeq(): number {
    return Math.max(this.#seen, this.#scanned) + 1;
  }
  get room(): number {
    return this.heldBytes >= this.maxBytes ? 0 : this.window - this.#order.length;
  }
  get behind(): boolean {
    return this.gap || this.head > this.#seen || this.#unbalanced;
  }
  /** Signals accepted and not yet finished. */
  get unfinished(): number {
    return this.#order.length - this.#finishedInOrder();
  }

  /** `authoritative`: from the ledger, which leaves nothing out, so a `prev` that is unknown here no longer exists. */
  offer(seq: number, prev: number, authoritative: boolean): Offer {
    if (seq <= this.#seen) return "old";
    if (!authoritative && prev > this.#seen) return "gap";
    if (this.room <= 0) return "full";
    this.#seen = seq;
    if (seq > this.head) this.head = seq;
    this.#order.push(seq);
    if (!this.#finished.has(seq)) return "accepted";
    this.#advance();
    return "done";
  }

  finish(seq: number, outcome: Outcome): void {
    if (seq <= this.#cursor || this.#finished.has(seq)) return;
    if (outcome === "handled") this.#handled++;
    else this.#dead++;
    if (this.#order.peek() === seq) {
      this.#order.shift();
      this.#cursor = seq;
      if (this.#finished.size > 0) this.#advance();
    } else {
      this.#finished.add(seq);
    }
  }

  #advance(): void {
    for (
      let next = this.#order.peek();
      next !== undefined && this.#finished.delete(next);
      next = this.#order.peek()
    ) {
      this.#order.shift();
      this.#cursor = next;
    }
  }

  /**
   * The journal holds nothing below `first` any more, and `pruned` signals of this name were removed in all.
   * Returns how many of them this receptor never finished: they cannot be healed (P4).
   */
  pruneBelow(first: number, pruned: number): number {
    if (this.#cursor >= first - 1) return 0;
    let finishedAbove = 0;
    for (const seq of this.#finished) if (seq >= first) finishedAbove++;
    const accounted = this.#base + this.#handled + this.#dead + this.#expired - finishedAbove;
    const inFlight = this.#order.count((seq) => seq < first && !this.#finished.has(seq));
    const lost = Math.max(0, pruned - accounted - inFlight);
    this.#expired += lost;
    // Finished before a restart, and never to be offered again: nothing is left to be remembered.
    if (this.#finished.size > 0) {
      const accepted = new Set(this.#order.items());
      this.#forgetFinished((seq) => seq < first && !accepted.has(seq));
    }
    if (this.#order.length === 0) {
      this.#cursor = first - 1;
      if (this.#seen < this.#cursor) this.#seen = this.#cursor;
    }
    return lost;
  }

  /** The ledger has given all there is up to `upto`; `atEnd`: and that is all there is. */
  scannedTo(upto: number, atEnd: boolean): void {
    if (upto > this.#scanned) this.#scanned = upto;
    if (!atEnd) return;
    this.gap = false;
    // A head up to here that the ledger did not give is a position that no longer exists.
    if (this.head <= upto && this.head > this.#seen) this.head = this.#seen;
  }

  /**
   * After a journal was set back the old figures count what it no longer holds. Once everything it has was given, the
   * books are begun anew so that they add up from here on. Returns whether they were.
   */
  balance(head: NameHead): boolean {
    if (!this.#unbalanced || this.#seen < head.last || this.head > head.last) return false;
    this.#base = head.count - this.#handled - this.#dead - this.#expired - this.unfinished;
    this.#unbalanced = false;
    return true;
  }

  /**
   * The `count` signals of a stretch that ends at `last` are destroyed, and everything before it was given: they are
   * passed over as expired. Returns how many of them this receptor had never seen.
   */
  skip(last: number, count: number): number {
    if (last <= this.#seen) return 0;
    const finished = this.#forgetFinished((seq) => seq > this.#seen && seq <= last);
    const lost = Math.max(0, Math.min(count, last - this.#seen) - finished);
    this.#expired += lost;
    this.#seen = last;
    if (last > this.head) this.head = last;
    this.#order.push(last);
    this.#finished.add(last);
    this.#advance();
    return lost;
  }

  /** The emitter was restarted: what is known of its journal beyond what was given (up to `agreed` at most) may not be true any more. */
  onNewLife(agreed: number): void {
    this.head = this.#seen;
    this.#scanned = Math.min(this.#scanned, agreed);
    this.gap = false;
  }

  #forgetFinished(matches: (seq: number) => boolean): number {
    let forgotten = 0;
    for (const seq of this.#finished) if (matches(seq) && this.#finished.delete(seq)) forgotten++;
    return forgotten;
  }

  progress(): NameProgress {
    const done = this.#finished.size === 0 ? [] : [...this.#finished].sort((a, b) => a - b);
    return {
      cursor: this.#cursor,
      done,
      base: this.#base,
      handled: this.#handled,
      dead: this.#dead,
      expired: this.#expired,
      ...(this.#unbalanced ? { unbalanced: true } : {}),
    };
  }

  #finishedInOrder(): number {
    return this.#finished.size === 0 ? 0 : this.#order.count((seq) => this.#finished.has(seq));
  }
}
