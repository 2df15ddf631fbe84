/**
 * Notices a wall clock that is set, by holding it against the time since boot, which also counts while the machine sleeps.
 * Pure: both clocks are passed in. Each jump is told once: afterwards the new difference is the usual one.
 */

export interface Clocks {
  /** Milliseconds since 1970. */
  readonly wallMs: number;
  /** Milliseconds since boot, sleep included; they only go forward. */
  readonly bootMs: number;
}

export class ClockJumps {
  readonly #atLeastMs: number;
  #offsetMs: number | null = null;

  /** @param keptWallMs the wall clock when it was kept last, by the process before; null: never */
  constructor(atLeastMs: number, keptWallMs: number | null, now: Clocks) {
    this.#atLeastMs = atLeastMs;
    // Between two processes only a clock that went back can be told from time that has passed.
    if (keptWallMs !== null && now.wallMs < keptWallMs) this.#offsetMs = keptWallMs - now.bootMs;
  }

  /** By how much the clock was set since the last look, in milliseconds, negative: back; null: it was not. */
  look({ wallMs, bootMs }: Clocks): number | null {
    const offsetMs = wallMs - bootMs;
    const before = this.#offsetMs;
    const jumpMs = before === null ? 0 : offsetMs - before;
    // The slow care that a clock is given adds up: what is no jump becomes the usual difference.
    this.#offsetMs = offsetMs;
    return Math.abs(jumpMs) >= this.#atLeastMs ? jumpMs : null;
  }
}
