/** Random search: every candidate is drawn for itself, evenly over the space. Also the fresh blood of the other methods. */
import { type GenePool, rounded } from "./genome.ts";
import type { Draft, Method } from "./method.ts";
import type { RandomSource } from "./random-source.ts";

export function randomMethod(pool: GenePool): Method<null> {
  return { begin: () => null, drawing: () => (random) => randomDraft(pool, random), learn: () => null };
}

/** A point of the space, all values of a parameter equally likely (on its scale). */
export function randomDraft(pool: GenePool, random: RandomSource): Draft {
  const genome = pool.genes.map((gene) =>
    gene.kind === "category" ? random.whole(gene.count) : rounded(random.uniform()),
  );
  return { genome, origin: { kind: "random", parents: [] } };
}
