/** Reads what became of a generation, and tells the search. */
import { tournamentName } from "@kloros/experiments";
import { judgementOf } from "../decide/judgement.ts";
import { searchOptions } from "../decide/plan.ts";
import { CycleFileError } from "./obstacle.ts";
import { readGeneration } from "./read-generation.ts";
import { prepared, type StepInput, type StepReport, type Workshop } from "./step.ts";

export async function judge(shop: Workshop, input: StepInput): Promise<StepReport> {
  const { record, plan } = prepared(input);
  const { state } = input;
  const tournament = tournamentName(state.generation);
  const measured = await readGeneration(shop.home, state.cycle_id, tournament);
  if (measured.length !== state.generation_size)
    throw new CycleFileError(
      `generations/${tournament}.candidates.jsonl of ${state.cycle_id} has ${measured.length} candidates, ${state.generation_size} were written`,
    );
  const options = searchOptions(record);
  const search = shop.engine.tell(
    options,
    input.search ?? shop.engine.begin(options),
    measured.map(({ candidate, result }) => ({
      candidate_id: candidate.candidate_id,
      params: candidate.params,
      fitness: result?.fitness ?? null,
    })),
  );
  const judgement = judgementOf(measured, plan);
  return { event: { kind: "judged", generation: state.generation, judgement }, search };
}
