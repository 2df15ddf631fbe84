/**
 * Turns for the work that clients ask for: a little of each client after the other, in short slices, with rests between
 * them that are three times as long. However many clients flood the socket, signals have three quarters of the event loop, and
 * none of their steps waits longer than a slice (P5, P10).
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
/** Longest rest after a slice, in milliseconds: one slow piece must not make the socket deaf. */
const MAX_REST_MS = 10;

export class WorkTurns {
  readonly #waiting = new Set<Worker>();
  #scheduled = false;
  #endedAt = -Infinity;
  /** What the next rest is for: the slice before it, and what was charged until then. */
  #owedMs = 0;
  #chargedMs = 0;

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
    this.#chargedMs += ms;
  }

  #schedule(): void {
    if (this.#scheduled || this.#waiting.size === 0) return;
    this.#scheduled = true;
    const restMs = Math.min(this.#owedMs * REST_SHARE, MAX_REST_MS) - (performance.now() - this.#endedAt);
    if (restMs > 0) setTimeout(this.#slice, Math.ceil(restMs));
    else setImmediate(this.#slice);
  }

  readonly #slice = (): void => {
    const begunAt = performance.now();
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
    this.#endedAt = nowMs;
    this.#owedMs = nowMs - begunAt + this.#chargedMs;
    this.#chargedMs = 0;
    this.#scheduled = false;
    this.#schedule();
  };
}
