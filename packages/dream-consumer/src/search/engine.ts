/**
 * The search's contract: candidates are asked for a generation at a time, and told what became of them. Pure, so that a cycle
 * that was killed goes on with the very candidates it would have had: same options and same outcomes, same candidates.
 * `search.ts` keeps it (`beginSearch`, `ask`, `tell`); files, budgets and plateaus are the cycle's business.
 */
import type { Mutators, Origin, Params, SearchSpace, Selector } from "@kloros/experiments";

/** What a search is made of; fixed for its whole life. */
export interface SearchOptions {
  readonly space: SearchSpace;
  readonly selector: Selector;
  readonly mutators: Mutators;
  readonly direction: "up" | "down";
  /** 0 to 2^31-1. */
  readonly seed: number;
  /** Points to be tried in generation 0, before any others: baseline, what is deployed, promotions. Valid in the space. */
  readonly starts: readonly SearchStart[];
}

export interface SearchStart {
  readonly params: Params;
  readonly origin: Origin;
}

/** The whole memory of a search; nothing but JSON, and nobody's business but the search's. */
export type SearchState = Readonly<Record<string, unknown>>;

/** A candidate to be, without id. */
export interface Proposal {
  readonly params: Params;
  /** Parents by candidate id. */
  readonly origin: Origin;
  /** For evaluators and mutators that draw lots, 0 to 2^31-1. */
  readonly seed: number;
}

/** What became of a candidate that was asked for. */
export interface Outcome {
  readonly candidate_id: string;
  readonly params: Params;
  /** null: it failed. */
  readonly fitness: number | null;
}

export interface Asked {
  readonly state: SearchState;
  /** At most `room`, all different from each other and from everything proposed before. Empty only when `exhausted`. */
  readonly proposals: readonly Proposal[];
  /** Every point of the space has been proposed. */
  readonly exhausted: boolean;
}

/** The three functions of a search. */
export interface SearchEngine {
  begin(options: SearchOptions): SearchState;
  /** The next generation. `room`: candidates left in the budget, at least 1. */
  ask(options: SearchOptions, state: SearchState, room: number): Asked;
  /** Outcomes of what was asked last, in that order. */
  tell(options: SearchOptions, state: SearchState, outcomes: readonly Outcome[]): SearchState;
}
