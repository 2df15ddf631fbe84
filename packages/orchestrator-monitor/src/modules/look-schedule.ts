/**
 * When to look at the registry: soon after a change, when something is due, and from time to time anyway.
 * A large registry that changes all the time is looked at seldom enough to leave the daemon its time.
 */

/** Looks take at most one part in so many of the time: between two there is a pause of so many times their length. */
const PAUSE_PER_LOOK = 20;

export interface ScheduleTimings {
  /** Milliseconds between looks that nothing asked for. */
  readonly intervalMs: number;
  /** Milliseconds of quiet after a change. */
  readonly debounceMs: number;
}

export class LookSchedule {
  readonly #look: () => Promise<number | null>;
  readonly #timings: ScheduleTimings;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Infinity;
  #earliestAt = 0;
  #changedAgain = false;
  #isLooking = false;
  #isStopped = false;
  #running: Promise<void> = Promise.resolve();

  /** @param look resolves with the milliseconds after which to look again at the latest, or null; must not reject */
  constructor(look: () => Promise<number | null>, timings: ScheduleTimings) {
    this.#look = look;
    this.#timings = timings;
  }

  /** The file may have changed. */
  changed(): void {
    if (this.#isLooking) this.#changedAgain = true;
    else this.#plan(this.#timings.debounceMs);
  }

  /** Looks now, and from then on. */
  start(): void {
    this.#running = this.#run();
  }

  /** No more looks; resolves when the one that runs has ended. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    clearTimeout(this.#timer);
    await this.#running;
  }

  /** In `delayMs` at the latest, but not before the pause is over. */
  #plan(delayMs: number): void {
    if (this.#isStopped) return;
    const at = Math.max(performance.now() + delayMs, this.#earliestAt);
    if (at >= this.#dueAt) return;
    this.#dueAt = at;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.start(), at - performance.now());
  }

  async #run(): Promise<void> {
    this.#isLooking = true;
    this.#changedAgain = false;
    this.#dueAt = Infinity;
    const started = performance.now();
    const againMs = await this.#look();
    const ended = performance.now();
    this.#earliestAt = ended + PAUSE_PER_LOOK * (ended - started);
    this.#isLooking = false;
    this.#plan(Math.min(this.#timings.intervalMs, againMs ?? Infinity));
    if (this.#changedAgain) this.#plan(this.#timings.debounceMs);
  }
}
