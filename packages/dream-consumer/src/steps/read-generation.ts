/** A generation as its two files have it: candidates in the order of their making, each with its result. */
import {
  type Candidate,
  type CandidateResult,
  cyclePaths,
  parseCandidate,
  parseResult,
} from "@kloros/experiments";
import { linesOf } from "./lines-of.ts";

export interface Measured {
  readonly candidate: Candidate;
  /** null: it has none. */
  readonly result: CandidateResult | null;
}

/** `tournament`: `g000`, or `confirm`. Bounded by the size of a generation. */
export async function readGeneration(home: string, cycleId: string, tournament: string): Promise<Measured[]> {
  const paths = cyclePaths(home, cycleId);
  const results = new Map<string, CandidateResult>();
  for await (const line of linesOf(paths.results(tournament))) {
    const result = parseResult(line);
    if (result !== null && !results.has(result.candidate_id)) results.set(result.candidate_id, result);
  }
  const measured: Measured[] = [];
  for await (const line of linesOf(paths.candidates(tournament))) {
    const candidate = parseCandidate(line);
    if (candidate !== null) measured.push({ candidate, result: results.get(candidate.candidate_id) ?? null });
  }
  return measured;
}
