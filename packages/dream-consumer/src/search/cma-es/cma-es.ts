/**
 * CMA-ES (Hansen and Ostermeier): candidates are drawn from a normal distribution that moves, stretches and turns towards the
 * better ones. Beside it stands a distribution over the values of parameters without order, so that mixed spaces can be searched too.
 *
 * It opens with points drawn at random (and the starts, which come with the first generation); the best of them is the centre, and
 * `gaussian_sigma` the first step. An update takes `population` points, but no fewer than Hansen's default: a small generation waits
 * for the next. Points beyond the range are measured on its edge, where optima of real programs often lie, and learnt from where they
 * were drawn: learning from the edge would drag the centre away from it. Whole numbers keep a deviation that leaves their step now
 * and then. When all failed, or the search has closed in on a point, or nothing better came for long, it
 * opens anew with twice the points (IPOP). The best found so far is the caller's to keep; nothing is proposed again. `selector` has
 * no other say here: survivors, elites and fresh blood belong to evolution.
 */
import type { Mutators, Selector } from "@kloros/experiments";
import type { CategoryGene } from "../gene.ts";
import { activeGenes, type GenePool, middleOf, rounded } from "../genome.ts";
import { type Draw, type Method, ranked, type Scored, type Tried } from "../method.ts";
import { randomDraft } from "../random-method.ts";
import { drawn, evenly, type Probabilities, shifted } from "./categories.ts";
import { constants, defaultLambda } from "./constants.ts";
import { atLeast, type Gaussian, gaussianAt, sampler, spread, updated, widened } from "./gaussian.ts";

export interface CmaMemory {
  /** null while it opens. */
  readonly gaussian: Gaussian | null;
  readonly categories: readonly Probabilities[];
  /** Points that wait for an update. */
  readonly waiting: readonly Tried[];
  /** Best score of this run; null: none yet. */
  readonly best: number | null;
  /** Updates since it became better. */
  readonly stalled: number;
  readonly restarts: number;
}

/** Whole numbers: least deviation, as a share of their step. Leaves the middle of a step once in ten draws. */
const LEAST_DEVIATION = 0.3;
/** Largest deviation, as a share of the range, below which no program tells points apart; the time is better spent elsewhere. */
const CONVERGED = 1e-5;
/** Ratio of the largest to the smallest deviation beyond which arithmetic suffers. */
const MAX_RATIO = 1e7;
/** Updates without a better point that end a run: this many, and more in larger spaces. */
const PATIENCE = { updates: 20, pointsPerNumber: 30 };
/** A run has at most 2^5 times the points of the first one. */
const MAX_DOUBLINGS = 5;
/** Numbers of all points of an update, so that the memory stays below some hundred kilobytes. */
const MAX_WAITING_NUMBERS = 20_000;

interface Category {
  readonly gene: CategoryGene;
  /** Which number of the genome it is. */
  readonly index: number;
}

export class CmaEs implements Method<CmaMemory> {
  readonly #pool: GenePool;
  readonly #population: number;
  readonly #firstSigma: number;
  /** Which numbers of the genome are places that may vary. */
  readonly #numbers: readonly number[];
  readonly #categories: readonly Category[];

  constructor(pool: GenePool, selector: Selector, mutators: Mutators) {
    this.#pool = pool;
    this.#population = selector.population;
    this.#firstSigma = mutators.gaussian_sigma;
    const free = pool.genes.flatMap((gene, index) => (gene.isFree ? [{ gene, index }] : []));
    this.#numbers = free.filter(({ gene }) => gene.kind !== "category").map(({ index }) => index);
    this.#categories = free.filter((one): one is Category => one.gene.kind === "category");
  }

  begin(): CmaMemory {
    return this.#opening(0);
  }

  drawing({ gaussian, categories }: CmaMemory): Draw {
    if (gaussian === null) return (random) => randomDraft(this.#pool, random);
    const sample = sampler(gaussian);
    return (random) => {
      const genome = [...middleOf(this.#pool)];
      sample(random).forEach((place, i) => {
        genome[this.#numbers[i]!] = rounded(place);
      });
      this.#categories.forEach(({ index }, i) => {
        genome[index] = drawn(categories[i]!, random);
      });
      return { genome, origin: { kind: "model", parents: [] } };
    };
  }

  learn(memory: CmaMemory, tried: readonly Tried[]): CmaMemory {
    const waiting = [...memory.waiting, ...tried];
    if (waiting.length < this.#lambda(memory)) return { ...memory, waiting };
    const best = ranked(waiting);
    if (best.length === 0) return this.#opening(memory.restarts + 1);
    const failed = waiting.filter((one) => one.score === null);
    return memory.gaussian === null
      ? this.#opened(memory, best)
      : this.#learned(memory, memory.gaussian, best, failed);
  }

  /** Points of an update. */
  #lambda({ restarts }: CmaMemory): number {
    const first = Math.max(this.#population, defaultLambda(this.#numbers.length));
    const capacity = Math.max(2, Math.floor(MAX_WAITING_NUMBERS / Math.max(1, this.#pool.genes.length)));
    return Math.min(capacity, first * 2 ** Math.min(restarts, MAX_DOUBLINGS));
  }

  #opening(restarts: number): CmaMemory {
    const categories = this.#categories.map(({ gene }) => evenly(gene.count));
    return { gaussian: null, categories, waiting: [], best: null, stalled: 0, restarts };
  }

  #opened(memory: CmaMemory, best: readonly Scored[]): CmaMemory {
    const gaussian = gaussianAt(this.#numbersOf(best[0]!), this.#firstSigma);
    return { ...memory, ...this.#moved(memory, gaussian, best), best: best[0]!.score };
  }

  #learned(
    memory: CmaMemory,
    before: Gaussian,
    best: readonly Scored[],
    failed: readonly Tried[],
  ): CmaMemory {
    const points = [...best, ...failed].map((one) => this.#numbersOf(one));
    const k = constants(Math.max(1, this.#numbers.length), points.length, best.length);
    const gaussian = isFlat(best, points.length) ? widened(before, k) : updated(before, points, k);
    const isBetter = memory.best === null || best[0]!.score > memory.best;
    const stalled = isBetter ? 0 : memory.stalled + 1;
    const patience = PATIENCE.updates + (PATIENCE.pointsPerNumber * this.#pool.genes.length) / points.length;
    if (stalled > patience || isSpent(gaussian)) return this.#opening(memory.restarts + 1);
    const newBest = isBetter ? best[0]!.score : memory.best;
    return { ...memory, ...this.#moved(memory, gaussian, best), best: newBest, stalled };
  }

  #moved(
    memory: CmaMemory,
    gaussian: Gaussian,
    best: readonly Scored[],
  ): Pick<CmaMemory, "gaussian" | "categories" | "waiting"> {
    const least = this.#numbers.map((index, i) => {
      const gene = this.#pool.genes[index]!;
      return gene.kind === "steps" ? LEAST_DEVIATION * gene.widthAt(gaussian.mean[i]!) : 0;
    });
    const categories = this.#movedCategories(memory.categories, best);
    return { gaussian: atLeast(gaussian, least), categories, waiting: [] };
  }

  #movedCategories(before: readonly Probabilities[], best: readonly Scored[]): readonly Probabilities[] {
    const { weights, mu } = constants(1, Math.max(2, best.length));
    const better = best.slice(0, mu).map(({ genome }, rank) => {
      return { genome, weight: weights[rank]!, active: activeGenes(this.#pool, genome) };
    });
    return before.map((probabilities, i) => {
      const { index } = this.#categories[i]!;
      const seen = better
        .filter(({ active }) => active[index])
        .map(({ genome, weight }) => ({ value: genome[index]!, weight }));
      return shifted(probabilities, seen, before.length);
    });
  }

  #numbersOf({ genome }: Tried): number[] {
    return this.#numbers.map((index) => genome[index]!);
  }
}

/** Equal scores tell nothing: as the tutorial advises, one then looks farther away. */
function isFlat(best: readonly Scored[], points: number): boolean {
  return best.length > 1 && best[0]!.score === best[Math.min(best.length - 1, Math.ceil(points / 4))]!.score;
}

/** Whether there is nothing left to tell apart, or arithmetic cannot. */
function isSpent(gaussian: Gaussian): boolean {
  const deviations = spread(gaussian);
  if (deviations.length === 0) return false;
  const longest = Math.max(...deviations);
  return longest < CONVERGED || longest > MAX_RATIO * Math.min(...deviations);
}
