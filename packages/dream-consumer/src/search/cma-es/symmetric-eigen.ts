/** Eigenvalues and eigenvectors of a symmetric matrix, by cyclic Jacobi rotations (Golub and Van Loan, Matrix Computations, 8.5). */

/** Row i has i + 1 columns. */
export type LowerTriangle = readonly (readonly number[])[];

export interface EigenDecomposition {
  readonly values: readonly number[];
  /** Column k belongs to value k; orthonormal. */
  readonly vectors: readonly (readonly number[])[];
}

/** Jacobi converges quadratically: fewer than ten sweeps in practice. */
const MAX_SWEEPS = 30;
/** Squares off the diagonal, as a share of all squares, that count as none. */
const NEGLIGIBLE = 1e-30;

export function symmetricEigen(triangle: LowerTriangle): EigenDecomposition {
  const size = triangle.length;
  const a = triangle.map((_, i) => triangle.map((_row, j) => triangle[Math.max(i, j)]![Math.min(i, j)]!));
  const vectors = triangle.map((_, i) => triangle.map((_row, j) => (i === j ? 1 : 0)));
  for (let sweep = 0; sweep < MAX_SWEEPS && !isDiagonal(a); sweep++)
    for (let p = 0; p < size; p++) for (let q = p + 1; q < size; q++) rotate(a, vectors, p, q);
  return { values: a.map((row, i) => row[i]!), vectors };
}

function isDiagonal(a: readonly (readonly number[])[]): boolean {
  let off = 0;
  let all = 0;
  a.forEach((row, i) => {
    row.forEach((value, j) => {
      all += value * value;
      if (i !== j) off += value * value;
    });
  });
  return off <= NEGLIGIBLE * all;
}

/** The rotation that makes `a[p][q]` zero. */
function rotate(a: number[][], vectors: number[][], p: number, q: number): void {
  const [rowP, rowQ] = [a[p]!, a[q]!];
  const apq = rowP[q]!;
  if (apq === 0) return;
  const theta = (rowQ[q]! - rowP[p]!) / (2 * apq);
  const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (const row of a) turn(row, p, q, c, s);
  for (let column = 0; column < a.length; column++) {
    const [x, y] = [rowP[column]!, rowQ[column]!];
    rowP[column] = c * x - s * y;
    rowQ[column] = s * x + c * y;
  }
  for (const row of vectors) turn(row, p, q, c, s);
}

function turn(row: number[], p: number, q: number, c: number, s: number): void {
  const [x, y] = [row[p]!, row[q]!];
  row[p] = c * x - s * y;
  row[q] = s * x + c * y;
}
