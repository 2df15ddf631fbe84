/**
 * Problems with a known optimum, cost 0, for the search. Each seed has its optimum elsewhere, so that no search profits from where
 * it starts; only Rosenbrock's valley stays where it is, far from the middle of its range.
 */
import type { Params, SearchSpace } from "@kloros/experiments";

export interface Problem {
  readonly name: string;
  /** As in dream.yaml. */
  readonly space: string;
  /** Cost of a point, 0 at the optimum; smaller is better. */
  cost(params: Params, space: SearchSpace, seed: number): number;
}

const DIMENSIONS = 10;
const PRIMES = [2, 3, 5, 7, 11, 13, 17, 19, 23, 29, 31, 37];

const sphere: Problem = {
  name: "sphere",
  space: numbers(-5.12, 5.12),
  cost: (params, _space, seed) => sum(vector(params), (x, i) => (x - shift(seed, i)) ** 2),
};

const rosenbrock: Problem = {
  name: "rosenbrock",
  space: numbers(-5, 10),
  cost: (params) => {
    const x = vector(params);
    return sum(x.slice(1), (next, i) => 100 * (next - x[i]! ** 2) ** 2 + (1 - x[i]!) ** 2);
  },
};

const rastrigin: Problem = {
  name: "rastrigin",
  space: numbers(-5.12, 5.12),
  cost: (params, _space, seed) =>
    sum(vector(params), (x, i) => {
      const away = x - shift(seed, i);
      return away ** 2 + 10 * (1 - Math.cos(2 * Math.PI * away));
    }),
};

/**
 * Settings of an imaginary compressor: lists, switches, whole and real numbers, logarithmic ranges, and parameters that exist only
 * beside others. They depend on each other: which order of blocks is good depends on the method, how many threads on the cache, and
 * the share on the batch; two methods have a level, the others a rate. The seed chooses the best method, its order and all places.
 */
const mixed: Problem = {
  name: "mixed",
  space: `
      method: [greedy, lazy, optimal, tree]
      level: {type: int, min: 1, max: 22, when: {method: [lazy, optimal]}}
      rate: {type: real, min: 0.0001, max: 1, log: true, when: {method: [greedy, tree]}}
      order: [rows, columns, tiles, spiral, zigzag]
      cache: {type: bool}
      cache_kb: {type: int, min: 1, max: 4096, log: true, when: {cache: true}}
      batch: [1, 2, 4, 8, 16, 32, 64, 128, 256]
      threads: {type: int, min: 1, max: 32}
      share: {type: real, min: 0, max: 1}
      checksum: {type: bool}
      window: {type: int, min: 10, max: 27}`,
  cost: (params, space, seed) => {
    const at = (index: number) => lot(seed, index);
    const method = positionOf(space, params, "method");
    const order = positionOf(space, params, "order");
    const isCached = params["cache"] === true;
    const batch = Math.log2(Number(params["batch"]));
    const methodCost = (method + Math.floor(4 * at(0))) % 4;
    const orderCost = ((order + method + Math.floor(5 * at(1))) % 5) / 2;
    const tuning =
      params["level"] !== undefined
        ? ((Number(params["level"]) - Math.round(4 + 16 * at(2))) / 5) ** 2
        : (Math.log10(Number(params["rate"])) + 4 * at(3)) ** 2;
    const cache = isCached
      ? (Math.log2(Number(params["cache_kb"]) / Math.round(2 ** (2 + 9 * at(4)))) / 2) ** 2
      : 1;
    const threads = ((Number(params["threads"]) - Math.round(isCached ? 4 + 8 * at(5) : 24)) / 6) ** 2;
    const bestBatch = Math.round(1 + 6 * at(6));
    const share = 10 * (Number(params["share"]) - 0.2 - 0.075 * batch) ** 2;
    const window = ((Number(params["window"]) - Math.round(12 + 12 * at(7)) - 2 * (method % 2)) / 4) ** 2;
    const checksum = (params["checksum"] === true) === isCached ? 0 : 0.5;
    return (
      methodCost +
      orderCost +
      tuning +
      cache +
      threads +
      ((batch - bestBatch) / 2) ** 2 +
      share +
      window +
      checksum
    );
  },
};

export const PROBLEMS: readonly Problem[] = [sphere, rosenbrock, rastrigin, mixed];

function numbers(min: number, max: number): string {
  const names = Array.from({ length: DIMENSIONS }, (_, i) => `x${i}`);
  return names.map((name) => `\n      ${name}: {type: real, min: ${min}, max: ${max}}`).join("");
}

function vector(params: Params): number[] {
  return Object.values(params).map(Number);
}

/** A number from 0 to 1 for each seed and index: the fraction of multiples of a prime's root, spread evenly over seeds. */
function lot(seed: number, index: number): number {
  const multiple = (seed + 1) * Math.sqrt(PRIMES[index]!);
  return multiple - Math.floor(multiple);
}

/** Where the optimum lies: within the inner 70 % of the range. */
function shift(seed: number, index: number): number {
  return 5.12 * 0.7 * (2 * lot(seed, index) - 1);
}

function positionOf(space: SearchSpace, params: Params, name: string): number {
  const dimension = space.get(name);
  return dimension?.type === "choice" ? dimension.values.indexOf(params[name]!) : NaN;
}

function sum(of: readonly number[], term: (value: number, index: number) => number): number {
  return of.reduce((total, value, index) => total + term(value, index), 0);
}
