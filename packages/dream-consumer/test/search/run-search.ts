/** A search from its beginning, against a fitness. */
import type { Params } from "@kloros/experiments";
import type { Outcome, Proposal, SearchOptions, SearchState } from "../../src/search/engine.ts";
import { searchEngine } from "../../src/search/search.ts";

export interface Round {
  readonly proposals: readonly Proposal[];
  readonly exhausted: boolean;
  readonly state: SearchState;
}

export interface RunOptions {
  readonly generations?: number;
  /** Candidates in all. */
  readonly room?: number;
  /** What becomes of the state between two calls. */
  readonly kept?: (state: SearchState) => SearchState;
}

/** The rounds of a search until its generations are over, its room is used up, or the space is. */
export function runSearch(
  options: SearchOptions,
  fitness: (params: Params) => number | null,
  { generations = 10, room = Infinity, kept = (state) => state }: RunOptions = {},
): Round[] {
  const rounds: Round[] = [];
  let state = kept(searchEngine.begin(options));
  let made = 0;
  while (rounds.length < generations && made < room) {
    const asked = searchEngine.ask(options, state, room - made);
    const outcomes = asked.proposals.map(({ params }, index): Outcome => {
      return { candidate_id: `c${made + index}`, params, fitness: fitness(params) };
    });
    made += outcomes.length;
    state = kept(searchEngine.tell(options, kept(asked.state), outcomes));
    rounds.push({ proposals: asked.proposals, exhausted: asked.exhausted, state });
    if (asked.exhausted) break;
  }
  return rounds;
}

/** All points that were proposed, in order. */
export function pointsOf(rounds: readonly Round[]): Params[] {
  return rounds.flatMap(({ proposals }) => proposals.map(({ params }) => params));
}

/** The best fitness of a search that looks for a small one. */
export function lowest(rounds: readonly Round[], fitness: (params: Params) => number | null): number {
  return Math.min(...pointsOf(rounds).map((params) => fitness(params) ?? Infinity));
}
