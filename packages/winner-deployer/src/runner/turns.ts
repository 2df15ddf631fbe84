/** One at a time, in the order of asking. */

export class Turns {
  #last: Promise<void> = Promise.resolve();

  /** Runs `work` when all that asked before are done. @throws what `work` throws; the signal's reason when aborted while waiting */
  async take<T>(signal: AbortSignal, work: () => Promise<T>): Promise<T> {
    const before = this.#last;
    let release: () => void = () => undefined;
    this.#last = new Promise((resolve) => (release = resolve));
    try {
      await before;
      signal.throwIfAborted();
      return await work();
    } finally {
      release();
    }
  }
}
