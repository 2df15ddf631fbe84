/** Strategy parameters of the CMA-ES, as N. Hansen's tutorial gives them (arXiv:1604.00772, table 1), negative weights included. */

export interface Constants {
  /** By rank, best first, one for each point of an update; those of the better half add up to 1, the others are negative. */
  readonly weights: readonly number[];
  /** Points that the mean moves to. */
  readonly mu: number;
  /** How many equal points would weigh as much. */
  readonly muEff: number;
  readonly cSigma: number;
  readonly dSigma: number;
  readonly cC: number;
  readonly c1: number;
  readonly cMu: number;
  /** Expected length of a normally distributed vector. */
  readonly chiN: number;
}

/** The tutorial's default population for `n` numbers. */
export function defaultLambda(n: number): number {
  return 4 + Math.floor(3 * Math.log(Math.max(1, n)));
}

/**
 * @param n numbers of a point
 * @param lambda points of an update, at least 2
 * @param usable those that did not fail: only they draw the mean towards them. At least 1
 */
export function constants(n: number, lambda: number, usable = lambda): Constants {
  const raw = Array.from({ length: lambda }, (_, i) => Math.log((lambda + 1) / 2) - Math.log(i + 1));
  const mu = Math.max(1, Math.min(Math.floor(lambda / 2), usable));
  const muEff = effective(raw.slice(0, mu));
  const muEffMinus = effective(raw.slice(Math.floor(lambda / 2)));
  const c1 = 2 / ((n + 1.3) ** 2 + muEff);
  const cMu = Math.min(1 - c1, (2 * (0.25 + muEff + 1 / muEff - 2)) / ((n + 2) ** 2 + muEff));
  const cSigma = (muEff + 2) / (n + muEff + 5);
  const negative = [1 + c1 / cMu, 1 + (2 * muEffMinus) / (muEff + 2), (1 - c1 - cMu) / (n * cMu)];
  return {
    weights: weightsOf(raw, mu, Math.max(0, Math.min(...negative))),
    mu,
    muEff,
    cSigma,
    dSigma: 1 + 2 * Math.max(0, Math.sqrt((muEff - 1) / (n + 1)) - 1) + cSigma,
    cC: (4 + muEff / n) / (n + 4 + (2 * muEff) / n),
    c1,
    cMu,
    chiN: Math.sqrt(n) * (1 - 1 / (4 * n) + 1 / (21 * n * n)),
  };
}

/** The first `mu` add up to 1, the negative ones to `-alpha`, those between have none. */
function weightsOf(raw: readonly number[], mu: number, alpha: number): number[] {
  const positive = total(raw.slice(0, mu));
  const negative = -total(raw.filter((weight) => weight < 0));
  return raw.map((weight, rank) => {
    if (rank < mu) return weight / positive;
    return weight < 0 ? (alpha * weight) / negative : 0;
  });
}

function effective(weights: readonly number[]): number {
  return total(weights) ** 2 / total(weights.map((weight) => weight ** 2));
}

function total(numbers: readonly number[]): number {
  return numbers.reduce((sum, number) => sum + number, 0);
}
