/** One generation in the making: candidates that are new, each with its seed, until it is full or nothing new is left. */
import { canonicalParams, type Params } from "@kloros/experiments";
import type { Proposal, SearchStart } from "./engine.ts";
import { genomes } from "./finite-space.ts";
import { type GenePool, type Genome, genomeOf, middleOf, paramsOf } from "./genome.ts";
import type { Draft, Draw } from "./method.ts";
import { randomDraft } from "./random-method.ts";
import type { RandomSource } from "./random-source.ts";
import { fingerprint } from "./tried-points.ts";

export interface GenerationOptions {
  /** Candidates wanted. */
  readonly size: number;
  /** Fingerprints of what was proposed before. */
  readonly tried: readonly string[];
  /** Points of the space; null: endless. */
  readonly points: number | null;
}

interface Fresh extends Draft, Proposal {
  readonly fingerprint: string;
}

/** Draws for a point that is new, by the method and again by lot. */
const MAX_REDRAWS = 50;
/** Lots in a space that is too large to be listed. If none of them is new, it is as good as exhausted. */
const MAX_LOTS = 1_000;

export class Generation {
  readonly #pool: GenePool;
  readonly #random: RandomSource;
  readonly #size: number;
  readonly #points: number | null;
  readonly #tried: Set<string>;
  readonly #fresh: Fresh[] = [];
  #untried: Genome[] | undefined;

  constructor(pool: GenePool, random: RandomSource, { size, tried, points }: GenerationOptions) {
    this.#pool = pool;
    this.#random = random;
    this.#size = size;
    this.#points = points;
    this.#tried = new Set(tried);
  }

  get proposals(): readonly Proposal[] {
    return this.#fresh.map(({ params, origin, seed }) => ({ params, origin, seed }));
  }

  get fingerprints(): readonly string[] {
    return this.#fresh.map((one) => one.fingerprint);
  }

  /** What the method wants to know again when the outcome is told, by fingerprint. */
  get pending(): Record<string, { genome: Genome; step?: number }> {
    return Object.fromEntries(
      this.#fresh.map(({ fingerprint, genome, step }) => [
        fingerprint,
        { genome, ...(step !== undefined && { step }) },
      ]),
    );
  }

  /** Takes starts as they are while there is room; how many were looked at. */
  take(starts: readonly SearchStart[]): number {
    let used = 0;
    for (const { params, origin } of starts) {
      if (this.#fresh.length === this.#size) break;
      used++;
      const point = canonicalParams(this.#pool.space, params);
      this.#add({ genome: genomeOf(this.#pool, point, middleOf(this.#pool)), origin }, point);
    }
    return used;
  }

  /** Draws the rest: by the method, by lot when that finds nothing new, and from a list when lots do not either. */
  fill(draw: Draw): "full" | "exhausted" {
    while (this.#fresh.length < this.#size) {
      const isAdded =
        this.#try(MAX_REDRAWS, () => draw(this.#random, this.#fresh.length)) ||
        this.#try(this.#points === null ? MAX_LOTS : MAX_REDRAWS, () =>
          randomDraft(this.#pool, this.#random),
        ) ||
        (this.#points !== null && this.#addUntried());
      if (!isAdded) return "exhausted";
    }
    return "full";
  }

  #try(times: number, draw: () => Draft): boolean {
    for (let turn = 0; turn < times && this.#tried.size !== this.#points; turn++) {
      const draft = draw();
      if (this.#add(draft, paramsOf(this.#pool, draft.genome))) return true;
    }
    return false;
  }

  /** One of the points that are left. */
  #addUntried(): boolean {
    this.#untried ??= [...genomes(this.#pool)].filter(
      (genome) => !this.#tried.has(fingerprint(paramsOf(this.#pool, genome))),
    );
    while (this.#untried.length > 0) {
      const [genome] = this.#untried.splice(this.#random.whole(this.#untried.length), 1);
      const draft: Draft = { genome: genome!, origin: { kind: "random", parents: [] } };
      if (this.#add(draft, paramsOf(this.#pool, draft.genome))) return true;
    }
    return false;
  }

  #add(draft: Draft, params: Params): boolean {
    const print = fingerprint(params);
    if (this.#tried.has(print)) return false;
    this.#tried.add(print);
    this.#fresh.push({ ...draft, params, fingerprint: print, seed: this.#random.seed() });
    return true;
  }
}
