/** Spaces that can be counted: how many points they have, and which. */
import { isActive, type ParamValue } from "@kloros/experiments";
import type { Gene } from "./gene.ts";
import { type Genome, type GenePool, middleOf, rounded } from "./genome.ts";

/** Spaces with more points count as endless: nobody tries them all. */
export const MAX_COUNTED_POINTS = 8_192;

/** Number of points; null: endless, or more than `MAX_COUNTED_POINTS`. */
export function countPoints(pool: GenePool): number | null {
  if (leastPoints(pool) > MAX_COUNTED_POINTS) return null;
  let count = 0;
  for (const _ of genomes(pool)) if (++count > MAX_COUNTED_POINTS) return null;
  return count;
}

/** Each point once, in the order of the space; without end, or nearly, where the space is. */
export function* genomes(pool: GenePool): Generator<Genome> {
  const dimensions = [...pool.space];
  yield* from(0, {}, middleOf(pool));

  function* from(index: number, params: Record<string, ParamValue>, genome: Genome): Generator<Genome> {
    const entry = dimensions[index];
    if (entry === undefined) {
      yield genome;
      return;
    }
    const [name, dimension] = entry;
    if (!isActive(dimension, params)) {
      yield* from(index + 1, params, genome);
      return;
    }
    const gene = pool.genes[index]!;
    for (const number of numbersOf(gene))
      yield* from(index + 1, { ...params, [name]: gene.valueAt(number) }, genome.with(index, number));
  }
}

/** What the parameters that always exist amount to. */
function leastPoints({ space, genes }: GenePool): number {
  const always = [...space.values()].map((dimension, index) =>
    dimension.when === null ? genes[index]! : null,
  );
  return always.reduce((product, gene) => product * (gene === null ? 1 : sizeOf(gene)), 1);
}

function sizeOf(gene: Gene): number {
  if (gene.kind === "real") return gene.isFree ? Infinity : 1;
  return gene.count;
}

function* numbersOf(gene: Gene): Generator<number> {
  if (gene.kind === "category") for (let index = 0; index < gene.count; index++) yield index;
  else if (gene.kind === "steps")
    for (let index = 0; index < gene.count; index++) yield rounded(gene.placeOf(gene.nth(index)));
  else if (!gene.isFree) yield 0.5;
  else for (let step = 0; step <= MAX_COUNTED_POINTS; step++) yield step / MAX_COUNTED_POINTS;
}
