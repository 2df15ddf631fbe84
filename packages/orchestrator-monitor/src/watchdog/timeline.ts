/**
 * The watchdog's own time: milliseconds that only go forward. While the process runs they are the monotonic clock's, so a
 * wall clock that is set does not move them; between two processes they are the wall clock's, since nothing else counts then.
 * A clock set forward while the monitor is down looks like time that has passed; one that is set back like none.
 */

export interface Clock {
  /** Milliseconds since 1970. */
  wall(): number;
  /** Milliseconds since some moment of this process; never goes back. */
  elapsed(): number;
}

/** A moment in both times; kept durably. */
export interface Anchor {
  readonly at: number;
  readonly wall: number;
}

export const SYSTEM_CLOCK: Clock = { wall: () => Date.now(), elapsed: () => performance.now() };

/** A wall clock that has moved so far against the monotonic one was set, in milliseconds; less is its usual care. */
const JUMP_MS = 1_000;

export class Timeline {
  readonly #clock: Clock;
  readonly #startedAt: number;
  readonly #startedElapsed: number;
  /** The wall clock against the monotonic one: as it was seen last, and the lowest that was seen. */
  #offset: number;
  #lowestOffset: number;

  /** Goes on from the anchor of the process before; null: begins. */
  constructor(clock: Clock, anchor: Anchor | null) {
    this.#clock = clock;
    this.#startedElapsed = clock.elapsed();
    const wall = clock.wall();
    this.#startedAt = anchor === null ? wall : anchor.at + Math.max(0, wall - anchor.wall);
    this.#offset = this.#lowestOffset = wall - this.#startedElapsed;
  }

  now(): number {
    return this.#startedAt + (this.#clock.elapsed() - this.#startedElapsed);
  }

  anchor(): Anchor {
    return { at: this.now(), wall: this.#clock.wall() };
  }

  /**
   * When a signal with this timestamp (RFC 3339) was emitted, never after now. Where that is not certain, because the clock
   * was set or the signal is older than this process, the latest possible moment: a wait may begin late, it must not end early.
   */
  momentOf(timestamp: string): number {
    const elapsed = this.#clock.elapsed();
    this.#lowestOffset = Math.min(this.#lowestOffset, this.#clock.wall() - elapsed);
    const emitted = Date.parse(timestamp) - this.#lowestOffset;
    return this.#startedAt + Math.max(0, Math.min(emitted || 0, elapsed) - this.#startedElapsed);
  }

  /** Whether the wall clock was set since this was asked last: the anchor is to be kept anew. */
  wasSet(): boolean {
    const offset = this.#clock.wall() - this.#clock.elapsed();
    const isSet = Math.abs(offset - this.#offset) > JUMP_MS;
    if (isSet) this.#offset = offset;
    this.#lowestOffset = Math.min(this.#lowestOffset, offset);
    return isSet;
  }
}
