/** `kloros dream status` for people. Pure. */
import { formatDuration } from "../program/moments.ts";
import { type Paint, printable } from "../program/paint.ts";
import { drawTable } from "../program/table.ts";
import type { DreamStatus, QueuedCycle, RunningCycle } from "./dream-status.ts";
import { fitness, outcomeLine } from "./outcome-line.ts";

/** Queued cycles that are named; of the others the number is told. */
const MAX_QUEUED_SHOWN = 10;

export function drawDreamStatus({ running, queued, last, refused }: DreamStatus, paint: Paint): string[] {
  const lines = running.length === 0 ? ["no cycle runs"] : drawRunning(running, paint);
  if (queued.length > 0) lines.push("", `waiting: ${queuedLine(queued)}`);
  if (last) lines.push("", `last: ${printable(last.cycle_id)}  ${outcomeLine(last, paint)}`);
  if (refused) {
    const { cycle_id, error_type, error_message } = refused;
    const [first = "", ...more] = error_message.split("\n").map(printable);
    lines.push("", `refused since: ${printable(cycle_id)}  ${paint.yellow(printable(error_type))}: ${first}`);
    lines.push(...more.map((line) => `  ${line}`));
  }
  return lines;
}

function drawRunning(running: readonly RunningCycle[], paint: Paint): string[] {
  return drawTable(
    ["cycle", "experiment", "phase", ">generation", ">candidates", ">best", ">time"],
    running.map((cycle) => [
      printable(cycle.cycle_id),
      printable(cycle.experiment),
      { text: printable(cycle.phase), paint: paint.cyan },
      outOf(cycle.generation + 1, cycle.generations_max),
      outOf(cycle.candidates_done, cycle.candidates_total),
      fitness(cycle.best_fitness),
      timeOf(cycle),
    ]),
    paint,
  );
}

function timeOf({ elapsed_seconds, budget_seconds }: RunningCycle): string {
  const elapsed = formatDuration(elapsed_seconds * 1_000);
  return budget_seconds === null ? elapsed : `${elapsed} of ${formatDuration(budget_seconds * 1_000)}`;
}

function outOf(done: number, total: number | null): string {
  return total === null ? String(done) : `${done}/${total}`;
}

function queuedLine(queued: readonly QueuedCycle[]): string {
  const names = queued
    .slice(0, MAX_QUEUED_SHOWN)
    .map(({ experiment, topic }) => printable(experiment ?? topic ?? "the first enabled experiment"));
  const more = queued.length - names.length;
  return names.join(", ") + (more > 0 ? `, and ${more} more` : "");
}
