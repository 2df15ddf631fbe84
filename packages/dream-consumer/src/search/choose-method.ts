/**
 * Which way of searching a space calls for. `auto`: CMA-ES where every parameter has an order and always exists, for it learns how
 * they depend on each other; evolution elsewhere, for it keeps what belongs together. docs/benchmarks.md has the comparison.
 */
import type { Mutators, SearchSpace, Selector } from "@kloros/experiments";
import { CmaEs } from "./cma-es/cma-es.ts";
import { Evolution } from "./evolution.ts";
import type { GenePool } from "./genome.ts";
import type { Method } from "./method.ts";
import { randomMethod } from "./random-method.ts";

/** A covariance has the square of this many numbers, and its factor costs the cube; larger spaces are left to evolution. */
const MAX_CMA_PARAMETERS = 100;

export function chooseMethod(pool: GenePool, selector: Selector, mutators: Mutators): Method<unknown> {
  switch (chosen(pool, mutators.algorithm)) {
    case "random":
      return randomMethod(pool);
    case "evolution":
      return new Evolution(pool, selector, mutators);
    case "cma_es":
      return new CmaEs(pool, selector, mutators);
  }
}

function chosen(
  { space, genes }: GenePool,
  algorithm: Mutators["algorithm"],
): Exclude<typeof algorithm, "auto"> {
  if (algorithm === "random" || algorithm === "evolution") return algorithm;
  const free = genes.filter((gene) => gene.isFree);
  if (free.filter((gene) => gene.kind !== "category").length > MAX_CMA_PARAMETERS) return "evolution";
  if (algorithm === "cma_es") return "cma_es";
  const isOrdered = free.length > 0 && free.every((gene) => gene.kind !== "category");
  return isOrdered && !isConditional(space) ? "cma_es" : "evolution";
}

function isConditional(space: SearchSpace): boolean {
  return [...space.values()].some((dimension) => dimension.when !== null);
}
