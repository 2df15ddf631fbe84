/** The Cholesky factor of a covariance: the triangle that, times itself turned over, gives it. Cheaper than axes, and as good. */

/** Row i has i + 1 columns. */
export type LowerTriangle = readonly (readonly number[])[];

/** Least square on the diagonal: where a covariance has none left, arithmetic goes on with this. */
const LEAST_PIVOT = 1e-24;

export function cholesky(covariance: LowerTriangle): LowerTriangle {
  const factor: number[][] = [];
  covariance.forEach((row, i) => {
    const own: number[] = [];
    for (let j = 0; j < i; j++) own.push((row[j]! - dot(own, factor[j]!, j)) / factor[j]![j]!);
    own.push(Math.sqrt(Math.max(LEAST_PIVOT, row[i]! - dot(own, own, i))));
    factor.push(own);
  });
  return factor;
}

/** The factor times a vector: from even chances to a step of the distribution. */
export function stretched(factor: LowerTriangle, vector: readonly number[]): number[] {
  return factor.map((row, i) => dot(row, vector, i + 1));
}

/** The other way: a step in units of the distribution. */
export function whitened(factor: LowerTriangle, step: readonly number[]): number[] {
  const result: number[] = [];
  factor.forEach((row, i) => {
    result.push((step[i]! - dot(row, result, i)) / row[i]!);
  });
  return result;
}

/** Sum of the products of the first `count` members. */
function dot(a: readonly number[], b: readonly number[], count: number): number {
  let sum = 0;
  for (let index = 0; index < count; index++) sum += a[index]! * b[index]!;
  return sum;
}
