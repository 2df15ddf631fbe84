/** How long a client may take over one line, in time in which it was waited for (P10). */
export class LineDeadline {
  readonly #deadlineMs: number;
  readonly #onLate: () => void;
  #timer: NodeJS.Timeout | undefined;
  #startedAt = 0;
  #waitedMs = 0;

  constructor(deadlineMs: number, onLate: () => void) {
    this.#deadlineMs = deadlineMs;
    this.#onLate = onLate;
  }

  /** The client is waited for. */
  start(): void {
    if (this.#timer !== undefined) return;
    this.#startedAt = performance.now();
    this.#timer = setTimeout(this.#onLate, Math.max(0, this.#deadlineMs - this.#waitedMs)).unref();
  }

  /** Something came, or nobody reads for now. */
  stop(): void {
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#waitedMs += performance.now() - this.#startedAt;
  }

  /** The line is complete. */
  reset(): void {
    this.stop();
    this.#waitedMs = 0;
  }
}
