/**
 * How old the oldest signal is that waits for a daemon, from its lag and its count of finished signals alone. Pure.
 *
 * Of what waited at a moment, something still waits as long as fewer signals have been finished since than waited then. So the
 * oldest such moment is a lower bound of the age, whatever order the daemon works in, and as sharp as it is looked at.
 */
import type { Measured } from "./level.ts";

export interface BacklogLook {
  /** Milliseconds that only go forward. */
  readonly at: number;
  readonly lag: number;
  /** Signals finished (handled or dead-lettered) since this process of the daemon began. */
  readonly finished: number;
  readonly pid: number;
}

interface Moment {
  readonly at: number;
  readonly lag: number;
  /** Finished in all, across processes of the daemon. */
  readonly finished: number;
}

/** Over this the growth of the lag is measured, in milliseconds. */
export const GROWTH_SPAN_MS = 300_000;
/** Moments held; beyond that every second one is let go (P5). */
const MAX_MOMENTS = 256;

export class Backlog {
  #moments: Moment[] = [];
  /** The lags of the last `GROWTH_SPAN_MS`, and the one before. */
  #lags: { readonly at: number; readonly lag: number }[] = [];
  /** When it was looked at first. */
  #begunAt: number | null = null;
  #pid: number | null = null;
  #ofThisProcess = 0;
  #finished = 0;

  see({ at, lag, finished, pid }: BacklogLook): void {
    this.#finished += pid === this.#pid ? Math.max(0, finished - this.#ofThisProcess) : finished;
    this.#pid = pid;
    this.#ofThisProcess = finished;
    const oldest = this.#lags.findLastIndex((past) => at - past.at >= GROWTH_SPAN_MS);
    this.#lags = [...this.#lags.slice(Math.max(0, oldest)), { at, lag }].slice(-MAX_MOMENTS);
    this.#begunAt ??= at;
    if (lag === 0) {
      this.#moments = [];
      return;
    }
    this.#moments = this.#moments.filter((moment) => this.#finished - moment.finished < moment.lag);
    this.#moments.push({ at, lag, finished: this.#finished });
    if (this.#moments.length > MAX_MOMENTS)
      this.#moments = this.#moments.filter((_, index) => index % 2 === 0);
  }

  /** In milliseconds; 0: nothing waits. Exact as soon as all that waited at the first look is finished. */
  age(now: number): Measured {
    const [oldest] = this.#moments;
    if (oldest === undefined) return { value: 0, exact: true };
    return { value: now - oldest.at, exact: oldest.at !== this.#begunAt };
  }

  /** By how many signals the lag has grown over about `GROWTH_SPAN_MS`, or since the first look; 0 when it has not. */
  growth(): number {
    const [first] = this.#lags;
    const last = this.#lags.at(-1);
    return first === undefined || last === undefined ? 0 : Math.max(0, last.lag - first.lag);
  }
}
