/** How a cycle went, for people and commands: the rows of its table, and `summary.json`. Pure. */
import { better, type CycleRecord, type CycleSummary, type GenerationRow, median } from "@kloros/experiments";
import type { CycleState } from "./cycle-state.ts";
import { durationSeconds } from "./emissions.ts";

/** The row of one generation. `before`: the best of those before it. */
export function generationRow(
  generation: number,
  fitnesses: readonly (number | null)[],
  direction: "up" | "down",
  before: number | null,
): GenerationRow {
  const known = fitnesses.filter((fitness) => fitness !== null);
  const failed = fitnesses.length - known.length;
  if (known.length === 0)
    return { generation, best: null, median: null, worst: null, failed, best_so_far: before };
  const ascending = [...known].sort((a, b) => a - b);
  const lowest = ascending[0]!;
  const highest = ascending.at(-1)!;
  const best = direction === "up" ? highest : lowest;
  return {
    generation,
    best,
    median: median(known),
    worst: direction === "up" ? lowest : highest,
    failed,
    best_so_far: before === null || better(direction, best, before) ? best : before,
  };
}

export function summaryOf(
  state: CycleState,
  record: CycleRecord | null,
  generations_table: readonly GenerationRow[],
  promotions_acknowledged: readonly string[],
): CycleSummary {
  const { outcome, best, experiment, trigger } = state;
  const won = outcome?.kind === "won" ? outcome : null;
  const comparison = outcome?.comparison ?? null;
  const incumbent = state.incumbent ?? record?.incumbent ?? null;
  return {
    schema: "kloros.summary/1",
    cycle_id: state.cycle_id,
    experiment,
    topic: trigger.topic,
    status: won === null ? "failed" : "complete",
    ...(outcome?.kind === "failed" && {
      error: { type: outcome.error_type, message: outcome.error_message },
    }),
    started_at: state.started_at,
    finished_at: state.ended?.at ?? state.started_at,
    duration_seconds: durationSeconds(state),
    generations: state.generations_done,
    candidates: state.candidates_made,
    failed: state.candidates_failed,
    best: best && { candidate_id: best.candidate_id, fitness: best.fitness, params: best.params },
    incumbent: incumbent && { ...incumbent, fitness: comparison?.incumbent_fitness ?? null },
    improvement: comparison?.improvement ?? null,
    p_value: comparison?.p_value ?? null,
    winner_id: won === null ? null : (best?.candidate_id ?? null),
    generations_table,
    promotions_acknowledged,
  };
}
