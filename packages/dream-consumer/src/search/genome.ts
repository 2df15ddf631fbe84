/**
 * Points as the search moves them. A genome has one number per parameter, in the order of the space: a place on the unit
 * interval for what has an order, an index for what has none. Parameters whose condition does not hold keep their number, so that
 * they come back as they were when it holds again; `paramsOf` leaves them out.
 */
import { isActive, type Params, type ParamValue, type SearchSpace } from "@kloros/experiments";
import { type Gene, geneOf } from "./gene.ts";

export type Genome = readonly number[];

/** A search space, prepared. */
export interface GenePool {
  readonly space: SearchSpace;
  readonly genes: readonly Gene[];
}

/** Places are kept to nine decimals: finer than any effect, and short in a file. */
const PLACES_PER_UNIT = 1e9;
/** Beyond the interval by its own length: no step of a search is longer. */
const MIN_PLACE = -1;
const MAX_PLACE = 2;

export function genePool(space: SearchSpace): GenePool {
  return { space, genes: [...space.values()].map(geneOf) };
}

/** The parameters of a genome: those whose conditions hold, in the order of the space. */
export function paramsOf({ space, genes }: GenePool, genome: Genome): Params {
  const params: Record<string, ParamValue> = {};
  let index = 0;
  for (const [name, dimension] of space) {
    if (isActive(dimension, params)) params[name] = genes[index]!.valueAt(genome[index]!);
    index++;
  }
  return params;
}

/** The genome of parameters; what they lack is taken from `rest`. */
export function genomeOf({ space, genes }: GenePool, params: Params, rest: Genome): Genome {
  return [...space.keys()].map((name, index) => {
    const value = Object.hasOwn(params, name) ? params[name] : undefined;
    if (value === undefined) return rest[index]!;
    const gene = genes[index]!;
    return gene.kind === "category" ? gene.indexOf(value) : rounded(gene.placeOf(value));
  });
}

/** The middle of every range, the first of every list. */
export function middleOf({ genes }: GenePool): Genome {
  return genes.map((gene) => (gene.kind === "category" ? 0 : 0.5));
}

/** Which parameters have an effect on this genome. */
export function activeGenes(pool: GenePool, genome: Genome): readonly boolean[] {
  const params = paramsOf(pool, genome);
  return [...pool.space.keys()].map((name) => Object.hasOwn(params, name));
}

/** A place as it is kept. Places beyond the interval have the value of its end. */
export function rounded(place: number): number {
  return Math.round(Math.min(MAX_PLACE, Math.max(MIN_PLACE, place)) * PLACES_PER_UNIT) / PLACES_PER_UNIT + 0;
}
