/** Counts of durations in fixed buckets: observing costs a short loop and no memory. */
import { numberText, type Labels, type Sample } from "./family.ts";

/** Upper bounds of the buckets of every duration, in seconds: from a commit on a good disk to a handler's longest deadline. */
export const DURATION_BUCKETS_S: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1_800,
];

/** As the label `le` says them. */
const BOUND_TEXTS = [...DURATION_BUCKETS_S, Infinity].map(numberText);

export class DurationHistogram {
  /** Per bucket, not cumulated; the last is for what is longer than all bounds. */
  readonly #counts = new Array<number>(DURATION_BUCKETS_S.length + 1).fill(0);
  #sumMs = 0;
  #count = 0;

  observe(ms: number): void {
    const seconds = ms / 1_000;
    let at = 0;
    while (at < DURATION_BUCKETS_S.length && seconds > DURATION_BUCKETS_S[at]!) at++;
    this.#counts[at]!++;
    this.#sumMs += ms;
    this.#count++;
  }

  samples(labels: Labels): Sample[] {
    const samples: Sample[] = [];
    let cumulated = 0;
    for (let at = 0; at < BOUND_TEXTS.length; at++) {
      cumulated += this.#counts[at]!;
      samples.push({ suffix: "_bucket", labels: { ...labels, le: BOUND_TEXTS[at]! }, value: cumulated });
    }
    samples.push({ suffix: "_sum", labels, value: this.#sumMs / 1_000 });
    samples.push({ suffix: "_count", labels, value: this.#count });
    return samples;
  }

  get empty(): boolean {
    return this.#count === 0;
  }
}
