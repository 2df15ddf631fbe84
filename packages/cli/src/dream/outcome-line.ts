/** A cycle's end in one line. Pure. */
import type { CycleSummary } from "@kloros/experiments";
import { formatDuration } from "../program/moments.ts";
import { type Paint, printable, shorten } from "../program/paint.ts";

/** Of an error's message in the line. */
export const MAX_MESSAGE_CHARS = 120;
const DIGITS = 6;

/** A fitness to read; `–` for none. */
export function fitness(value: number | null): string {
  return value === null ? "–" : String(Number(value.toPrecision(DIGITS)));
}

export function outcomeLine(summary: CycleSummary, paint: Paint): string {
  const { status, experiment, duration_seconds, candidates, failed } = summary;
  const effort = `${candidates} candidates (${failed} failed) in ${formatDuration(duration_seconds * 1_000)}`;
  const colour = status === "complete" ? paint.green : paint.yellow;
  return `${printable(experiment)} ${colour(status)}: ${whatCameOf(summary)}; ${effort}`;
}

function whatCameOf({ best, incumbent, improvement, winner_id, error, p_value }: CycleSummary): string {
  if (error) return `${printable(error.type)}: ${shorten(printable(error.message), MAX_MESSAGE_CHARS)}`;
  const before =
    incumbent === null
      ? "nothing was in use"
      : `in use ${fitness(incumbent.fitness)}, better by ${fitness(improvement)}`;
  const chance = p_value === null ? "" : `, p ${fitness(p_value)}`;
  return `winner ${printable(winner_id ?? "none")} with ${fitness(best?.fitness ?? null)} (${before}${chance})`;
}
