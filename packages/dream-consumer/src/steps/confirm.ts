/** The final comparison: champion against incumbent, both measured again, in turns. */
import { writeFileAtomic } from "@kloros/bus";
import { type Candidate, cyclePaths, encodeCandidate } from "@kloros/experiments";
import { CONFIRM } from "../decide/emissions.ts";
import { weigh as weighSides } from "../decide/verdict.ts";
import { readGeneration } from "./read-generation.ts";
import { CycleFileError } from "./obstacle.ts";
import { prepared, type StepInput, type StepReport, type Workshop } from "./step.ts";

const CHAMPION = "champion";
const INCUMBENT = "incumbent";

/** Writes the two sides down. */
export async function call(shop: Workshop, input: StepInput): Promise<StepReport> {
  const { record } = prepared(input);
  const { cycle_id, generation, best } = input.state;
  if (best === null) throw new CycleFileError(`${cycle_id} has no best candidate to compare`);
  const { incumbent } = record;
  const { params, seed, candidate_id } = best;
  const ours: Candidate = {
    candidate_id: CHAMPION,
    generation,
    params,
    origin: { kind: CHAMPION, parents: [candidate_id] },
    seed,
  };
  const sides: Candidate[] = [ours];
  if (incumbent !== null)
    sides.push({
      candidate_id: INCUMBENT,
      generation,
      params: incumbent.params,
      origin: { kind: INCUMBENT, parents: [] },
      seed,
    });
  const file = cyclePaths(shop.home, cycle_id).candidates(CONFIRM);
  await writeFileAtomic(file, sides.map((side) => `${encodeCandidate(side)}\n`).join(""));
  return { event: { kind: "called", incumbent } };
}

/** Reads both sides' results. */
export async function weigh(shop: Workshop, input: StepInput): Promise<StepReport> {
  const { record } = prepared(input);
  const measured = await readGeneration(shop.home, input.state.cycle_id, CONFIRM);
  const side = (id: string) =>
    measured.find(({ candidate }) => candidate.candidate_id === id)?.result ?? undefined;
  const sides = { ours: side(CHAMPION), theirs: side(INCUMBENT) };
  return { event: { kind: "weighed", outcome: weighSides(sides, input.state.incumbent, record.experiment) } };
}
