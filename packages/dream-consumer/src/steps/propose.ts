/** Makes the candidates of a generation and writes them down; the same state makes the same file. */
import { writeFileAtomic } from "@kloros/bus";
import { type Candidate, cyclePaths, encodeCandidate, tournamentName } from "@kloros/experiments";
import { searchOptions } from "../decide/plan.ts";
import { prepared, type StepInput, type StepReport, type Workshop } from "./step.ts";

const ID_DIGITS = 5;

export async function propose(shop: Workshop, input: StepInput): Promise<StepReport> {
  const { record, plan } = prepared(input);
  const { state } = input;
  const options = searchOptions(record);
  const room = plan.max_candidates - state.candidates_made;
  const asked = shop.engine.ask(options, input.search ?? shop.engine.begin(options), room);
  const candidates = asked.proposals.slice(0, room).map((proposal, index): Candidate => ({
    candidate_id: `c${String(state.candidates_made + index + 1).padStart(ID_DIGITS, "0")}`,
    generation: state.generation,
    ...proposal,
  }));
  const file = cyclePaths(shop.home, state.cycle_id).candidates(tournamentName(state.generation));
  if (candidates.length > 0)
    await writeFileAtomic(file, candidates.map((candidate) => `${encodeCandidate(candidate)}\n`).join(""));
  return {
    event: {
      kind: "proposed",
      generation: state.generation,
      candidates: candidates.length,
      exhausted: asked.exhausted,
    },
    search: asked.state,
  };
}
