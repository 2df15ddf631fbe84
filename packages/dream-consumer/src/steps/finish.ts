/**
 * The last step: everything that stays of a cycle. Each part can be done again and is then the same; `summary.json` comes last,
 * so that a cycle with a summary has ended. The signal that ends the story follows, with the cycle's removal (P3).
 */
import { join } from "node:path";
import { writeFileAtomic } from "@kloros/bus";
import {
  type CycleRecord,
  type CycleSummary,
  cyclePaths,
  encodeSummary,
  type GenerationRow,
  tournamentName,
} from "@kloros/experiments";
import type { CycleState } from "../decide/cycle-state.ts";
import { usesUpPromotions } from "../decide/outcome.ts";
import { generationRow, summaryOf } from "../decide/summary.ts";
import type { Point } from "../picture/curve.ts";
import { fitnessSvg } from "../picture/fitness-svg.ts";
import { acknowledge } from "../promotions/acknowledge.ts";
import { breather } from "./lines-of.ts";
import { pictureOf } from "./picture-of.ts";
import { readGeneration } from "./read-generation.ts";
import type { StepInput, StepReport, Workshop } from "./step.ts";
import { removeWinner, writeWinner } from "./write-winner.ts";
import { writeLinesAtomic } from "./write-lines.ts";

export async function finish(shop: Workshop, input: StepInput): Promise<StepReport> {
  const { state, record } = input;
  const { outcome } = state;
  if (outcome === null || record === null)
    return { event: { kind: "finished", promotions_acknowledged: [] } };
  if (outcome.kind === "won") {
    const written = await writeWinner(shop, input, outcome, record);
    if (written !== null) return { event: { kind: "broke", phase: "finishing", failure: written } };
  } else await removeWinner(shop.home, state.cycle_id);
  const { rows, points } = await collect(shop.home, state, record);
  const acknowledged = usesUpPromotions(outcome) ? await acknowledge(shop.home, record.promotions) : [];
  const summary: CycleSummary = summaryOf(state, record, rows, acknowledged);
  const paths = cyclePaths(shop.home, state.cycle_id);
  await writeFileAtomic(paths.picture, fitnessSvg(pictureOf(summary, record, points)), { mode: 0o644 });
  await writeFileAtomic(paths.summary, encodeSummary(summary));
  return { event: { kind: "finished", promotions_acknowledged: acknowledged }, summary };
}

/** Writes `candidates.jsonl`: each candidate with its result on one line, in the order of their making. */
async function collect(
  home: string,
  state: CycleState,
  record: CycleRecord,
): Promise<{ rows: GenerationRow[]; points: Point[] }> {
  const rows: GenerationRow[] = [];
  const points: Point[] = [];
  const pause = breather();
  await writeLinesAtomic(join(cyclePaths(home, state.cycle_id).folder, "candidates.jsonl"), async (add) => {
    // One that was written down and never asked for is none.
    const last = state.generation_size > 0 ? state.generation : state.generation - 1;
    for (let generation = 0; generation <= last; generation++) {
      const measured = await readGeneration(home, state.cycle_id, tournamentName(generation));
      const fitnesses: (number | null)[] = [];
      for (const { candidate, result } of measured) {
        const fitness = result?.fitness ?? null;
        fitnesses.push(fitness);
        if (result !== null) points.push({ candidate_id: candidate.candidate_id, generation, fitness });
        await add(JSON.stringify({ ...candidate, ...(result ?? UNMEASURED) }));
        await pause();
      }
      const before = rows.at(-1)?.best_so_far ?? null;
      if (measured.some(({ result }) => result !== null))
        rows.push(generationRow(generation, fitnesses, record.experiment.metrics.target_direction, before));
    }
  });
  return { rows, points };
}

/** A candidate that was made and not measured before the cycle ended. */
const UNMEASURED = { status: "not_measured", fitness: null };
