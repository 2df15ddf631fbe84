/** Calls for rounds of work: when one is due, soon after a change, and never so often that they take the daemon's time. */

/** After a round there is a pause of so many times its work: rounds of large folders take at most a sixth of the time. */
const PAUSE_PER_ROUND = 5;
/** Work that needs no pause, in milliseconds: a few files in a small folder, where the next one should not have to wait. */
const FREE_MS = 5;

export interface Round {
  /** Milliseconds of work. */
  readonly spentMs: number;
  /** Milliseconds until the next round although nothing changes. */
  readonly nextInMs: number;
}

export class RoundTimer {
  readonly #round: () => Promise<Round>;
  #timer: NodeJS.Timeout | undefined;
  #dueAt = Infinity;
  #earliestAt = 0;
  #isRunning = false;
  #isStopped = false;

  /** @param round must not reject */
  constructor(round: () => Promise<Round>) {
    this.#round = round;
  }

  /** A round begins in `delayMs` at the latest, or as soon as the pause allows. */
  within(delayMs: number): void {
    const at = Math.max(performance.now() + delayMs, this.#earliestAt);
    if (this.#isStopped || at >= this.#dueAt) return;
    this.#dueAt = at;
    if (!this.#isRunning) this.#arm();
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#timer);
  }

  #arm(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(
      () => {
        void this.#run();
      },
      Math.max(0, this.#dueAt - performance.now()),
    );
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    this.#dueAt = Infinity;
    const { spentMs, nextInMs } = await this.#round();
    this.#isRunning = false;
    this.#earliestAt = performance.now() + Math.max(0, spentMs - FREE_MS) * PAUSE_PER_ROUND;
    if (this.#isStopped) return;
    this.within(nextInMs);
    if (this.#dueAt < this.#earliestAt) this.#dueAt = this.#earliestAt; // Asked for while it ran.
    this.#arm();
  }
}
