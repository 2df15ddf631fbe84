/**
 * The work on a generation that may take long: asking the search for candidates, and telling it what became of them. Its memory
 * goes in and out as text, so that it is neither parsed nor written on the daemon's own thread when it is large.
 */
import { type Candidate, encodeCandidate } from "@kloros/experiments";
import type { Judgement, Plan } from "../decide/cycle-state.ts";
import { judgementOf } from "../decide/judgement.ts";
import type { SearchEngine, SearchOptions, SearchState } from "../search/engine.ts";
import { CycleFileError } from "../steps/obstacle.ts";
import { readGeneration } from "../steps/read-generation.ts";

export interface ProposalWork {
  readonly kind: "propose";
  readonly options: SearchOptions;
  /** The search's memory as JSON; null: it begins. */
  readonly search: string | null;
  readonly generation: number;
  /** Candidates of earlier generations. */
  readonly made: number;
  readonly room: number;
}

export interface Proposed {
  /** The file of candidates. */
  readonly text: string;
  readonly candidates: number;
  readonly exhausted: boolean;
  readonly search: string;
}

export interface JudgementWork {
  readonly kind: "judge";
  readonly options: SearchOptions;
  readonly search: string | null;
  readonly home: string;
  readonly cycle_id: string;
  readonly tournament: string;
  /** Candidates that the file must have. */
  readonly size: number;
  readonly plan: Plan;
}

export interface Judged {
  readonly judgement: Judgement;
  readonly search: string;
}

const ID_DIGITS = 5;

export function propose(engine: SearchEngine, work: ProposalWork): Proposed {
  const { options, generation, made, room } = work;
  const asked = engine.ask(options, recalled(engine, work), room);
  const candidates = asked.proposals.slice(0, room).map((proposal, index): Candidate => ({
    candidate_id: `c${String(made + index + 1).padStart(ID_DIGITS, "0")}`,
    generation,
    ...proposal,
  }));
  return {
    text: candidates.map((candidate) => `${encodeCandidate(candidate)}\n`).join(""),
    candidates: candidates.length,
    exhausted: asked.exhausted,
    search: JSON.stringify(asked.state),
  };
}

/** @throws {CycleFileError} the generation's files are not what was written */
export async function judge(engine: SearchEngine, work: JudgementWork): Promise<Judged> {
  const { options, home, cycle_id, tournament, size, plan } = work;
  const measured = await readGeneration(home, cycle_id, tournament);
  if (measured.length !== size)
    throw new CycleFileError(
      `generations/${tournament}.candidates.jsonl of ${cycle_id} has ${measured.length} candidates, ${size} were written`,
    );
  const outcomes = measured.map(({ candidate, result }) => ({
    candidate_id: candidate.candidate_id,
    params: candidate.params,
    fitness: result?.fitness ?? null,
  }));
  const state = engine.tell(options, recalled(engine, work), outcomes);
  return { judgement: judgementOf(measured, plan), search: JSON.stringify(state) };
}

function recalled(
  engine: SearchEngine,
  { options, search }: { readonly options: SearchOptions; readonly search: string | null },
): SearchState {
  return search === null ? engine.begin(options) : (JSON.parse(search) as SearchState);
}
