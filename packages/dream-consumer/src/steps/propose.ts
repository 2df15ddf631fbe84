/** Makes the candidates of a generation and writes them down; the same state makes the same file. */
import { writeFileAtomic } from "@kloros/bus";
import { cyclePaths, tournamentName } from "@kloros/experiments";
import { searchOptions } from "../decide/plan.ts";
import { prepared, type StepInput, type StepReport, type Workshop } from "./step.ts";

export async function propose(shop: Workshop, input: StepInput): Promise<StepReport> {
  const { record, plan } = prepared(input);
  const { cycle_id, generation, candidates_made: made } = input.state;
  const { text, candidates, exhausted, search } = await shop.desk.propose(
    {
      kind: "propose",
      options: searchOptions(record),
      search: input.search,
      generation,
      made,
      room: plan.max_candidates - made,
    },
    input.stopping,
  );
  const file = cyclePaths(shop.home, cycle_id).candidates(tournamentName(generation));
  if (candidates > 0) await writeFileAtomic(file, text);
  return { event: { kind: "proposed", generation, candidates, exhausted }, search };
}
