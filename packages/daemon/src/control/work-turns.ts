/**
 * Turns for the work that clients ask for: a little of each client after the other, in short slices, with rests between
 * them that are three times as long, eight times when a crowd waits. However many clients flood the socket, signals have three
 * quarters of the event loop at least, and none of their steps waits longer than a slice (P5, P10).
 */

/** Somebody with work to do. */
export interface Worker {
  /** Does one small piece; true when there is more that can be done now. Must not throw. */
  step(): boolean;
}

/** Longest stretch of work before others have their turn, in milliseconds: short against one step of a signal's way. */
const SLICE_MS = 0.5;
/** One client's share of a slice, in milliseconds: enough to read, answer and write something small. */
const TURN_MS = 0.1;
/** Rest for each millisecond of work, in milliseconds. */
const REST_SHARE = 3;
/** The same while a crowd waits: each of them waits for all others anyway, and signals should not. */
const CROWD_REST_SHARE = 8;
/** So many who wait are a crowd; programs that work with a daemon are fewer. */
const CROWD = 32;
/** Work that may be done before a rest is due, in milliseconds: who asks one thing at a time never waits for a rest. */
const CREDIT_MS = 0.25;
/** The most that is owed, in milliseconds: one slow piece must not make the socket deaf for longer than its rest. */
const MAX_OWED_MS = 3;

export class WorkTurns {
  readonly #waiting = new Set<Worker>();
  #scheduled = false;
  #paidAt = -Infinity;
  /** Work that has not been rested for; passing time pays it back. */
  #owedMs = 0;

  /** The worker has its turn soon, and further ones until it has nothing left. */
  add(worker: Worker): void {
    this.#waiting.add(worker);
    this.#schedule();
  }

  remove(worker: Worker): void {
    this.#waiting.delete(worker);
  }

  /** Work that was done for a client outside of its turns, in milliseconds; the next rest is longer for it. */
  charge(ms: number): void {
    this.#owedMs += ms;
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.size === 0) return;
    this.#scheduled = true;
    const restMs = this.#payBack() * this.#restShare();
    if (restMs > 0) setTimeout(this.#slice, Math.ceil(restMs));
    else setImmediate(this.#slice);
  }

  #restShare(): number {
    return this.#waiting.size < CROWD ? REST_SHARE : CROWD_REST_SHARE;
  }

  /** Takes off what the time since the last look has paid; returns what is owed beyond the credit. */
  #payBack(): number {
    const nowMs = performance.now();
    this.#owedMs = Math.max(0, this.#owedMs - (nowMs - this.#paidAt) / this.#restShare());
    this.#paidAt = nowMs;
    return Math.max(0, this.#owedMs - CREDIT_MS);
  }

  readonly #slice = (): void => {
    const begunAt = performance.now();
    this.#payBack();
    let nowMs = begunAt;
    // Who is added while this runs comes after those who wait already.
    for (const worker of this.#waiting) {
      this.#waiting.delete(worker);
      const turnEndsAt = nowMs + TURN_MS;
      let hasMore: boolean;
      do {
        hasMore = worker.step();
        nowMs = performance.now();
      } while (hasMore && nowMs < turnEndsAt);
      if (hasMore) this.#waiting.add(worker);
      if (nowMs - begunAt >= SLICE_MS) break;
    }
    this.#owedMs = Math.min(this.#owedMs + nowMs - begunAt, MAX_OWED_MS);
    this.#paidAt = nowMs;
    this.#scheduled = false;
    this.#schedule();
  };
}
