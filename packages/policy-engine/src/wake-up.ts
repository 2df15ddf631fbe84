/** When what waits is looked at again: soon after something happened, when something is due, and never all the time. */

/** Looks take at most one part in so many of the time. */
const PAUSE_PER_LOOK = 10;
/** Least pause between two looks, in milliseconds. */
const MIN_PAUSE_MS = 10;

export class WakeUp {
  readonly #look: () => Promise<number | null>;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Infinity;
  #earliestAt = 0;
  #running: Promise<void> | null = null;
  #again = false;
  #isStopped = true;
  #againMs = Infinity;

  /** @param look resolves with the milliseconds until the next look at the latest, null: none is needed; must not reject */
  constructor(look: () => Promise<number | null>) {
    this.#look = look;
  }

  start(): void {
    this.#isStopped = false;
    this.soon();
  }

  /** Something has happened: looks as soon as may be. */
  soon(): void {
    if (this.#running !== null) this.#again = true;
    else this.#plan(0);
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  #plan(delayMs: number): void {
    if (this.#isStopped || delayMs === Infinity) return;
    const at = Math.max(performance.now() + delayMs, this.#earliestAt);
    if (at >= this.#dueAt) return;
    this.#dueAt = at;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      this.#running = this.#run().finally(() => {
        this.#running = null;
        this.#plan(this.#again ? 0 : this.#againMs);
      });
    }, at - performance.now());
  }

  async #run(): Promise<void> {
    this.#again = false;
    this.#dueAt = Infinity;
    const began = performance.now();
    const againMs = await this.#look();
    const ended = performance.now();
    this.#earliestAt = ended + Math.max(MIN_PAUSE_MS, PAUSE_PER_LOOK * (ended - began));
    this.#againMs = againMs ?? Infinity;
  }
}
