/**
 * Turns for the work that clients ask for: one small piece of each client after the other, in slices, with rests between
 * them that are as long. However many clients flood the socket, signals have at least half of the event loop (P5, P10).
 */

/** Somebody with work to do. */
export interface Worker {
  /** Does one small piece; true when there is more that can be done now. Must not throw. */
  step(): boolean;
}

/** Longest stretch of work before others have their turn, in milliseconds: short against the sync of a signal. */
const SLICE_MS = 1;
/** Longest rest after a slice, in milliseconds: one slow piece must not make the socket deaf. */
const MAX_REST_MS = 5;

export class WorkTurns {
  readonly #waiting = new Set<Worker>();
  #scheduled = false;
  #endedAt = -Infinity;
  /** Work since the last rest. */
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
    const restMs = Math.min(this.#owedMs, MAX_REST_MS) - (performance.now() - this.#endedAt);
    if (restMs > 0) setTimeout(this.#slice, Math.ceil(restMs));
    else setImmediate(this.#slice);
  }

  readonly #slice = (): void => {
    const begunAt = performance.now();
    // Who is added while this runs comes after those who wait already.
    for (const worker of this.#waiting) {
      this.#waiting.delete(worker);
      if (worker.step()) this.#waiting.add(worker);
      if (performance.now() - begunAt >= SLICE_MS) break;
    }
    this.#endedAt = performance.now();
    this.#owedMs = this.#endedAt - begunAt;
    this.#scheduled = false;
    this.#schedule();
  };
}
