/**
 * Evolution: parents are chosen by tournaments among the survivors; children differ from them by Gaussian steps, redrawn
 * categories and crossover. Each genome carries the length of its steps, which is inherited and varied with it (self-adaptation,
 * Schwefel): steps shrink as the search closes in, and categories are redrawn less often with them. What failed has no children.
 *
 * Genomes with the same categories are of one kind. The best `elitism` of each kind stay parents until better ones are born, and
 * no more than two of a kind survive while there are others: numbers need time to fit a category, and a kind that is ahead by its
 * numbers must not crowd out the rest before they had it.
 *
 * Elites keep the fitness they were given and are not proposed again. Measuring them anew would cost an evaluation per elite and
 * generation; under noise the rest of the survivors, who come from the newest generation, keep a lucky elite from ruling alone,
 * and the final comparison of a cycle measures its champion anew.
 */
import type { Mutators, Selector } from "@kloros/experiments";
import { activeGenes, type Genome, type GenePool, rounded } from "./genome.ts";
import { type Draft, type Draw, type Method, ranked, type Scored, type Tried } from "./method.ts";
import { randomDraft } from "./random-method.ts";
import type { RandomSource } from "./random-source.ts";

type Parent = Scored & { readonly step: number };
/** Best first. */
export type Survivors = readonly Parent[];

/** Steps below this move nothing; steps above it cross the whole interval. */
const STEP_LIMITS = { min: 1e-7, max: 0.5 };
/** Survivors of one kind while there are others. */
const MAX_OF_A_KIND = 2;
/** Share of a genome's numbers that a child changes. */
const MUTATED_SHARE = 0.3;
/** Numbers that it changes on average, however few there are. */
const MUTATED_NUMBERS = 1.5;
/** A step on whole numbers is at least half a number wide, so that it leads somewhere. */
const LEAST_STEP_WIDTH = 0.5;
/** Share of `categorical_rate` that remains when steps have become short. */
const LEAST_CATEGORICAL_SHARE = 0.1;
/** Entrants beyond this choose the best all but surely. */
const MAX_ENTRANTS = 1_000;
/** Numbers of all survivors together that are remembered, so that the memory stays below some hundred kilobytes. */
const MAX_REMEMBERED_NUMBERS = 20_000;

export class Evolution implements Method<Survivors> {
  readonly #pool: GenePool;
  readonly #selector: Selector;
  readonly #mutators: Mutators;
  readonly #capacity: number;
  readonly #fresh: number;
  /** How much the length of steps varies from mother to child. */
  readonly #variation: number;

  constructor(pool: GenePool, selector: Selector, mutators: Mutators) {
    this.#pool = pool;
    this.#selector = selector;
    this.#mutators = mutators;
    const remembered = Math.floor(MAX_REMEMBERED_NUMBERS / Math.max(1, pool.genes.length));
    this.#capacity = Math.max(1, Math.min(selector.survivors, remembered));
    this.#fresh = Math.min(selector.fresh_inject, Math.floor(selector.population / 2));
    this.#variation =
      1 / Math.sqrt(2 * Math.sqrt(Math.max(1, pool.genes.filter((gene) => gene.isFree).length)));
  }

  begin(): Survivors {
    return [];
  }

  drawing(parents: Survivors): Draw {
    return (random, place) =>
      parents.length === 0 || place >= this.#selector.population - this.#fresh
        ? randomDraft(this.#pool, random)
        : this.#child(parents, random);
  }

  learn(parents: Survivors, tried: readonly Tried[]): Survivors {
    const newest = ranked(tried).map((one) => ({ ...one, step: one.step ?? this.#mutators.gaussian_sigma }));
    const everyone = ranked([...parents, ...newest]);
    const elites = this.#firstOfEachKind(everyone, this.#selector.elitism).slice(0, this.#capacity);
    const candidates = ranked([...elites, ...without(newest, elites)]);
    const diverse = this.#firstOfEachKind(candidates, MAX_OF_A_KIND);
    // Older ones only fill up: where too few were born, or too many failed.
    const inOrder = [...diverse, ...without(candidates, diverse), ...without(parents, elites)];
    return ranked(inOrder.slice(0, this.#capacity));
  }

  #child(parents: Survivors, random: RandomSource): Draft {
    const mother = this.#winner(parents, random);
    const father = random.chance(this.#mutators.crossover_rate) ? this.#winner(parents, random) : mother;
    const inherited = Math.sqrt(mother.step * father.step);
    const step = limited(inherited * Math.exp(this.#variation * random.gaussian()));
    const genome = mother.genome.map((own, index) => (random.chance(0.5) ? own : father.genome[index]!));
    return {
      genome: this.#mutated(genome, step, random),
      step,
      origin:
        mother === father
          ? { kind: "mutation", parents: [mother.candidate_id] }
          : { kind: "crossover", parents: [mother.candidate_id, father.candidate_id] },
    };
  }

  #mutated(genome: Genome, step: number, random: RandomSource): Genome {
    const { categorical_rate, gaussian_sigma } = this.#mutators;
    const active = activeGenes(this.#pool, genome).filter(Boolean).length;
    const share = Math.max(MUTATED_SHARE, MUTATED_NUMBERS / active);
    const shortened = Math.min(1, Math.sqrt(step / gaussian_sigma));
    const categoricalShare = categorical_rate * Math.max(LEAST_CATEGORICAL_SHARE, shortened);
    return genome.map((own, index) => {
      const gene = this.#pool.genes[index]!;
      if (!gene.isFree) return own;
      if (gene.kind === "category") return random.chance(categoricalShare) ? random.whole(gene.count) : own;
      if (!random.chance(share)) return own;
      const least = gene.kind === "steps" ? LEAST_STEP_WIDTH * gene.widthAt(own) : 0;
      return rounded(reflected(own + Math.max(step, least) * random.gaussian()));
    });
  }

  /** The best of some drawn by lot. */
  #winner(parents: Survivors, random: RandomSource): Parent {
    const entrants = Math.min(this.#selector.tournament_size, MAX_ENTRANTS);
    let best = random.whole(parents.length);
    for (let entrant = 1; entrant < entrants; entrant++) best = Math.min(best, random.whole(parents.length));
    return parents[best]!;
  }

  #firstOfEachKind(best: Survivors, count: number): Survivors {
    const seen = new Map<string, number>();
    return best.filter((one) => {
      const kind = this.#kindOf(one.genome);
      const before = seen.get(kind) ?? 0;
      seen.set(kind, before + 1);
      return before < count;
    });
  }

  #kindOf(genome: Genome): string {
    const active = activeGenes(this.#pool, genome);
    return this.#pool.genes
      .map((gene, index) => (gene.kind !== "category" ? "" : active[index]! ? genome[index]! : "-"))
      .join();
  }
}

function without(all: Survivors, some: Survivors): Survivors {
  const gone = new Set(some);
  return all.filter((one) => !gone.has(one));
}

function limited(step: number): number {
  return Math.min(STEP_LIMITS.max, Math.max(STEP_LIMITS.min, step));
}

/** Back into the interval, as from a mirror at its ends. */
function reflected(place: number): number {
  const folded = Math.abs(place) % 2;
  return folded > 1 ? 2 - folded : folded;
}
