/**
 * What the CMA-ES does with parameters that have no order: a probability for each of their values, moved towards the values of the
 * better points (population-based incremental learning, Baluja 1994) and kept above a margin, so that none dies out.
 */
import type { RandomSource } from "../random-source.ts";

export type Probabilities = readonly number[];

/** Share of the way towards the better points that one update goes. */
const LEARNING_RATE = 0.25;
/** Chance that a point has at least one value which nobody would choose any more. */
const MARGIN = 0.2;
/** Kept digits: no draw tells more apart. */
const DIGITS = 1e6;

/** All values alike. */
export function evenly(count: number): Probabilities {
  return Array.from({ length: count }, () => 1 / count);
}

export function drawn(probabilities: Probabilities, random: RandomSource): number {
  let left = random.uniform();
  const index = probabilities.findIndex((share) => (left -= share) < 0);
  return index === -1 ? probabilities.length - 1 : index;
}

/**
 * @param seen values (by index) of the better points, with weights that add up to at most 1
 * @param parameters how many such parameters share the margin
 */
export function shifted(
  of: Probabilities,
  seen: readonly { readonly value: number; readonly weight: number }[],
  parameters: number,
): Probabilities {
  const next = of.map(
    (share) => share * (1 - LEARNING_RATE * seen.reduce((sum, { weight }) => sum + weight, 0)),
  );
  for (const { value, weight } of seen) next[value] = next[value]! + LEARNING_RATE * weight;
  const least = MARGIN / (parameters * of.length);
  const raised = next.map((share) => Math.max(least, share));
  const sum = raised.reduce((total, share) => total + share, 0);
  return raised.map((share) => Math.round((share / sum) * DIGITS) / DIGITS);
}
