/**
 * Whether one set of measurements is better than another, or only luckier: a permutation test on ranks (Wilcoxon, Mann and Whitney).
 * Ranks, because one disturbed measurement on a busy machine must not decide. Pure and deterministic: the same numbers give the same
 * answer. @see https://en.wikipedia.org/wiki/Mann%E2%80%93Whitney_U_test
 */

export type Direction = "up" | "down";

export interface Comparison {
  /** Difference of the medians, in units of fitness; above 0: ours is better. */
  readonly improvement: number;
  /** Chance of ranks at least as good for us if both sides were the same, 0 to 1. */
  readonly p_value: number;
}

/** Up to here every way to share out the measurements is tried; beyond, a sample of as many. */
const MAX_EXACT_WAYS = 20_000;
const SAMPLED_WAYS = 20_000;
/** Of the sample: any number will do, so long as it stays. */
const SEED = 0x9e3779b9;

/**
 * Compares two sets of measurements. Where neither side varies at all, nothing is left to chance: p is 0 when ours is better, else 1.
 * @throws {RangeError} a side is empty or has a number that is not finite
 */
export function compareFitness(
  ours: readonly number[],
  theirs: readonly number[],
  direction: Direction,
): Comparison {
  if (ours.length === 0 || theirs.length === 0 || ![...ours, ...theirs].every(Number.isFinite))
    throw new RangeError("compareFitness needs at least one finite number on each side");
  const sign = direction === "up" ? 1 : -1;
  const improvement = sign * (median(ours) - median(theirs)) + 0; // No -0.
  if (isConstant(ours) && isConstant(theirs)) return { improvement, p_value: improvement > 0 ? 0 : 1 };
  const ranks = ranksOf([...ours, ...theirs].map((fitness) => sign * fitness));
  const observed = sum(ranks.slice(0, ours.length));
  const p_value =
    ways(ranks.length, ours.length) <= MAX_EXACT_WAYS
      ? exactShare(ranks, ours.length, observed)
      : sampledShare(ranks, ours.length, observed);
  return { improvement, p_value };
}

/** True when `a` is a better fitness than `b`; equal ones are not better. */
export function better(direction: Direction, a: number, b: number): boolean {
  return direction === "up" ? a > b : a < b;
}

/** The middle of the numbers; of an even count, the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)]!;
  if (sorted.length % 2 === 1) return upper;
  const lower = sorted[sorted.length / 2 - 1]!;
  return lower / 2 + upper / 2; // Their sum could be too large for a number.
}

/** Twice the rank of each number, so that tied ones, which share a middle rank, stay whole numbers. */
function ranksOf(numbers: readonly number[]): number[] {
  const sorted = [...numbers].sort((a, b) => a - b);
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  for (const [index, number] of sorted.entries()) {
    if (!first.has(number)) first.set(number, index + 1);
    last.set(number, index + 1);
  }
  return numbers.map((number) => first.get(number)! + last.get(number)!);
}

/** Share of all ways to give `count` of the ranks to us that sum up to `observed` or more. */
function exactShare(ranks: readonly number[], count: number, observed: number): number {
  let all = 0;
  let asGood = 0;
  const choose = (from: number, left: number, total: number): void => {
    if (left === 0) {
      all++;
      if (total >= observed) asGood++;
      return;
    }
    for (let index = from; index <= ranks.length - left; index++)
      choose(index + 1, left - 1, total + ranks[index]!);
  };
  choose(0, count, 0);
  return asGood / all;
}

function sampledShare(ranks: readonly number[], count: number, observed: number): number {
  const random = randomNumbers(SEED);
  const shuffled = [...ranks];
  let asGood = 1; // What was observed is one of the ways.
  for (let way = 0; way < SAMPLED_WAYS; way++) {
    let total = 0;
    for (let index = 0; index < count; index++) {
      const other = index + Math.floor(random() * (shuffled.length - index));
      [shuffled[index], shuffled[other]] = [shuffled[other]!, shuffled[index]!];
      total += shuffled[index]!;
    }
    if (total >= observed) asGood++;
  }
  return asGood / (SAMPLED_WAYS + 1);
}

/** Ways to choose `count` of `total`, or more than the limit. */
function ways(total: number, count: number): number {
  let result = 1;
  for (let index = 1; index <= Math.min(count, total - count); index++) {
    result = (result * (total - index + 1)) / index;
    if (result > MAX_EXACT_WAYS) return Infinity;
  }
  return Math.round(result);
}

/** Mulberry32: 0 to below 1. */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

function isConstant(numbers: readonly number[]): boolean {
  return numbers.every((number) => number === numbers[0]);
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
