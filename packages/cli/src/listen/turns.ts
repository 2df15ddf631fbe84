/** One piece of work after the other, from several callers. */
export class Turns {
  readonly #onError: (error: unknown) => void;
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** `onError` gets what a piece of work throws; the next piece is done all the same. */
  constructor(onError: (error: unknown) => void) {
    this.#onError = onError;
  }

  get idle(): boolean {
    return this.#waiting === 0;
  }

  /** Resolves when the work is done; never rejects. */
  async take(work: () => Promise<void>): Promise<void> {
    this.#waiting++;
    this.#last = this.#last.then(work).catch(this.#onError);
    await this.#last;
    this.#waiting--;
  }
}
