/** Reads what became of a generation, and tells the search. */
import { tournamentName } from "@kloros/experiments";
import { searchOptions } from "../decide/plan.ts";
import { prepared, type StepInput, type StepReport, type Workshop } from "./step.ts";

export async function judge(shop: Workshop, input: StepInput): Promise<StepReport> {
  const { record, plan } = prepared(input);
  const { cycle_id, generation, generation_size: size } = input.state;
  const { judgement, search } = await shop.desk.judge(
    {
      kind: "judge",
      options: searchOptions(record),
      search: input.search,
      home: shop.home,
      cycle_id,
      tournament: tournamentName(generation),
      size,
      plan,
    },
    input.stopping,
  );
  return { event: { kind: "judged", generation, judgement }, search };
}
