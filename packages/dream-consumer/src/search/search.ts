/**
 * The search engine: what is common to all ways of searching. Starts come first; no point is proposed twice; a space that can be
 * counted ends when all of it was proposed; every chance comes from the seed, and the memory is JSON, so that a search goes on
 * after any interruption with the very candidates it would have had.
 */
import { chooseMethod } from "./choose-method.ts";
import type { Asked, Outcome, SearchEngine, SearchOptions, SearchState } from "./engine.ts";
import { countPoints } from "./finite-space.ts";
import { Generation } from "./generation.ts";
import { type Genome, type GenePool, genePool, genomeOf, middleOf } from "./genome.ts";
import type { Method, Tried } from "./method.ts";
import { RandomSource, type RandomState } from "./random-source.ts";
import { fingerprint, remembered } from "./tried-points.ts";

interface Memory {
  readonly random: RandomState;
  /** Points of the space; null: endless. */
  readonly points: number | null;
  /** Fingerprints of all that was proposed. */
  readonly tried: readonly string[];
  readonly startsUsed: number;
  /** What was asked last, by fingerprint, for when its outcome is told. */
  readonly pending: Readonly<Record<string, Pending>>;
  readonly method: unknown;
}

interface Pending {
  readonly genome: Genome;
  readonly step?: number;
}

/** Numbers of all candidates of a generation, so that the memory stays below a megabyte: 800 candidates of 50 parameters. */
const MAX_PENDING_NUMBERS = 40_000;

/** The shipped search. */
export const searchEngine: SearchEngine = { begin: beginSearch, ask, tell };

/** A search that has proposed nothing yet. */
export function beginSearch(options: SearchOptions): SearchState {
  const { pool, method } = prepared(options);
  return stored({
    random: RandomSource.seeded(options.seed).state,
    points: countPoints(pool),
    tried: [],
    startsUsed: 0,
    pending: {},
    method: method.begin(),
  });
}

/** The next generation: `population` candidates, more if there are more starts, never more than `room`. */
export function ask(options: SearchOptions, state: SearchState, room: number): Asked {
  const { pool, method } = prepared(options);
  const memory = recalled(state);
  const random = new RandomSource(memory.random);
  const starts = options.starts.slice(memory.startsUsed);
  const wanted = Math.max(options.selector.population, starts.length);
  const generation = new Generation(pool, random, {
    ...memory,
    size: Math.min(room, wanted, capacityOf(pool)),
  });
  const startsUsed = memory.startsUsed + generation.take(starts);
  const isDone = generation.fill(method.drawing(memory.method)) === "exhausted";
  const tried = remembered(memory.tried, generation.fingerprints);
  return {
    proposals: generation.proposals,
    exhausted: isDone || tried.length === memory.points,
    state: stored({ ...memory, random: random.state, tried, startsUsed, pending: generation.pending }),
  };
}

/** Learns from outcomes; what was asked for and is not among them counts as never tried. */
export function tell(options: SearchOptions, state: SearchState, outcomes: readonly Outcome[]): SearchState {
  const { pool, method } = prepared(options);
  const memory = recalled(state);
  const tried = outcomes.map(({ candidate_id, params, fitness }): Tried => {
    const known = memory.pending[fingerprint(params)] ?? { genome: genomeOf(pool, params, middleOf(pool)) };
    return { ...known, candidate_id, score: scoreOf(fitness, options.direction) };
  });
  return stored({ ...memory, pending: {}, method: method.learn(memory.method, tried) });
}

function scoreOf(fitness: number | null, direction: SearchOptions["direction"]): number | null {
  if (fitness === null || !Number.isFinite(fitness)) return null;
  return (direction === "up" ? fitness : -fitness) + 0; // Plus zero: JSON knows one zero.
}

function prepared({ space, selector, mutators }: SearchOptions): { pool: GenePool; method: Method<unknown> } {
  const pool = genePool(space);
  return { pool, method: chooseMethod(pool, selector, mutators) };
}

function capacityOf({ genes }: GenePool): number {
  return Math.max(1, Math.floor(MAX_PENDING_NUMBERS / Math.max(1, genes.length)));
}

function stored(memory: Memory): SearchState {
  return memory as unknown as SearchState;
}

function recalled(state: SearchState): Memory {
  return state as unknown as Memory;
}
