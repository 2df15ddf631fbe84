/**
 * The normal distribution that the CMA-ES moves: sampled from, and updated by ranked samples, as N. Hansen's tutorial has it
 * (arXiv:1604.00772, figure 6 and appendix B.3 for negative weights), but with the covariance's Cholesky factor in place of its
 * axes (Krause, Arbonès and Igel, NIPS 2016). Pure arithmetic; it knows nothing of parameters.
 */
import type { RandomSource } from "../random-source.ts";
import type { Constants } from "./constants.ts";
import { cholesky, type LowerTriangle, stretched, whitened } from "./cholesky.ts";

export interface Gaussian {
  readonly mean: readonly number[];
  /** Step size: standard deviation where the covariance is 1. */
  readonly sigma: number;
  readonly covariance: LowerTriangle;
  /** Where the mean has been going, without and with the covariance in it. */
  readonly pathSigma: readonly number[];
  readonly pathC: readonly number[];
  readonly updates: number;
}

/** A longer step than half the interval says nothing more. */
const MAX_SIGMA = 0.5;
/** Length of a step that counts as none. */
const TINY = 1e-12;

/** Round, with standard deviation `sigma`. */
export function gaussianAt(mean: readonly number[], sigma: number): Gaussian {
  const zeros = mean.map(() => 0);
  const covariance = mean.map((_, i) => Array.from({ length: i + 1 }, (_column, j) => (i === j ? 1 : 0)));
  return { mean, sigma, covariance, pathSigma: zeros, pathC: zeros, updates: 0 };
}

/** Draws points, anywhere. */
export function sampler({ mean, sigma, covariance }: Gaussian): (random: RandomSource) => number[] {
  const factor = cholesky(covariance);
  return (random) => {
    const chances = mean.map(() => random.gaussian());
    return stretched(factor, chances).map((step, i) => mean[i]! + sigma * step);
  };
}

/** Standard deviations of the coordinates, each given those before it. */
export function spread({ sigma, covariance }: Gaussian): number[] {
  return cholesky(covariance).map((row, i) => sigma * row[i]!);
}

/** Moves to where the better points lie, the mean not beyond the cube; what it did not go is no way that it went. `points`: as many as `k` has weights, best first. */
export function updated(of: Gaussian, points: readonly (readonly number[])[], k: Constants): Gaussian {
  const n = of.mean.length;
  const factor = cholesky(of.covariance);
  const steps = points.map((point) => point.map((x, i) => (x - of.mean[i]!) / of.sigma));
  const better = steps.slice(0, k.mu);
  const mean = of.mean.map((x, i) => {
    const way = better.reduce((sum, step, rank) => sum + k.weights[rank]! * step[i]!, 0);
    return Math.min(1, Math.max(0, x + of.sigma * way));
  });
  const way = mean.map((x, i) => (x - of.mean[i]!) / of.sigma);

  const gainSigma = Math.sqrt(k.cSigma * (2 - k.cSigma) * k.muEff);
  const pathSigma = faded(of.pathSigma, k.cSigma, gainSigma, whitened(factor, way));
  const length = Math.sqrt(squared(pathSigma));
  const begun = Math.sqrt(1 - (1 - k.cSigma) ** (2 * (of.updates + 1)));
  const isSteady = length / begun < (1.4 + 2 / (n + 1)) * k.chiN;
  const gainC = isSteady ? Math.sqrt(k.cC * (2 - k.cC) * k.muEff) : 0;
  const pathC = faded(of.pathC, k.cC, gainC, way);

  const weights = k.weights.map((weight, rank) =>
    weight >= 0 ? weight : (weight * n) / Math.max(TINY, squared(whitened(factor, steps[rank]!))),
  );
  const lost = isSteady ? 0 : k.c1 * k.cC * (2 - k.cC);
  const kept = 1 + lost - k.c1 - k.cMu * k.weights.reduce((sum, weight) => sum + weight, 0);
  const covariance = of.covariance.map((row, i) => {
    const moved = row.map((c, j) => kept * c + k.c1 * pathC[i]! * pathC[j]!);
    steps.forEach((step, rank) => {
      const share = k.cMu * weights[rank]! * step[i]!;
      for (let j = 0; j <= i; j++) moved[j] = moved[j]! + share * step[j]!;
    });
    return moved;
  });
  return {
    mean,
    sigma: Math.min(
      MAX_SIGMA,
      of.sigma * Math.exp(Math.min(1, (k.cSigma / k.dSigma) * (length / k.chiN - 1))),
    ),
    covariance,
    pathSigma,
    pathC,
    updates: of.updates + 1,
  };
}

/** Longer steps: what was drawn last made no difference. */
export function widened(of: Gaussian, k: Constants): Gaussian {
  return { ...of, sigma: Math.min(MAX_SIGMA, of.sigma * Math.exp(0.2 + k.cSigma / k.dSigma)) };
}

/** With at least these standard deviations along the coordinates; 0: any. */
export function atLeast(of: Gaussian, deviations: readonly number[]): Gaussian {
  const covariance = of.covariance.map((row, i) =>
    row.map((c, j) => (i === j ? Math.max(c, (deviations[i]! / of.sigma) ** 2) : c)),
  );
  return { ...of, covariance };
}

function faded(path: readonly number[], rate: number, gain: number, way: readonly number[]): number[] {
  return path.map((p, i) => (1 - rate) * p + gain * way[i]!);
}

function squared(vector: readonly number[]): number {
  return vector.reduce((sum, x) => sum + x * x, 0);
}
