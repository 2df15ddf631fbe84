/** Waiting longer after each failure in a row, so that a full disk is asked now and then and not all the time. */
const FIRST_MS = 250;
const LONGEST_MS = 10_000;

export class Backoff {
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;

  get waiting(): boolean {
    return this.#timer !== undefined;
  }

  wait(then: () => void): void {
    const delayMs = Math.min(LONGEST_MS, FIRST_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#timer = setTimeout(() => {
      this.#timer = undefined;
      then();
    }, delayMs);
  }

  reset(): void {
    this.#failures = 0;
  }

  cancel(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
