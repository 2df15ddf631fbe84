/** The words around the fitness curve of a cycle. */
import type { CycleRecord, CycleSummary } from "@kloros/experiments";
import type { Point } from "../picture/curve.ts";
import type { FitnessPicture } from "../picture/fitness-svg.ts";

const DIGITS = 4;

export function pictureOf(
  summary: CycleSummary,
  { experiment }: CycleRecord,
  points: readonly Point[],
): FitnessPicture {
  const { incumbent } = summary;
  return {
    title: `${summary.experiment}, ${summary.cycle_id}`,
    subtitle: `${summary.candidates} candidates in ${summary.generations} generations; ${ending(summary)}`,
    direction: experiment.metrics.target_direction,
    points,
    incumbent:
      incumbent?.fitness === undefined || incumbent.fitness === null
        ? null
        : {
            label: `in use: ${incumbent.version_id ?? "baseline"} (${short(incumbent.fitness)})`,
            fitness: incumbent.fitness,
          },
  };
}

function ending({ status, error, winner_id, improvement }: CycleSummary): string {
  if (status === "failed") return `no winner: ${error?.type ?? "failed"}`;
  const by = improvement === null ? "" : `, better by ${short(improvement)}`;
  return `winner ${winner_id ?? ""}${by}`;
}

function short(value: number): string {
  return String(Number(value.toPrecision(DIGITS)));
}
