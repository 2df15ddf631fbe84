/** `kloros dream show` for people. Pure. */
import { cyclePaths, type GenerationRow, type Params } from "@kloros/experiments";
import { abbreviate } from "../program/abbreviate.ts";
import { formatDuration } from "../program/moments.ts";
import { type Paint, printable, shorten, widthOf } from "../program/paint.ts";
import { drawTable } from "../program/table.ts";
import type { CycleFiles, Measured } from "./cycle-files.ts";
import { fitness, MAX_MESSAGE_CHARS, outcomeLine } from "./outcome-line.ts";

/** The best that are shown; `--json` has all. */
const MAX_BEST = 10;
/** Kinds of failure that are shown, each with its first message. */
const MAX_FAILURES = 10;

export function drawCycle(
  home: string,
  { cycle_id, cycle, summary }: CycleFiles,
  candidates: readonly Measured[],
  paint: Paint,
): string[] {
  const searched = candidates.filter(({ tournament }) => tournament !== "confirm");
  const isUp = (cycle?.experiment.metrics.target_direction ?? "up") === "up";
  const outcome = summary
    ? outcomeLine(summary, paint)
    : `${printable(cycle?.experiment.name ?? "?")} ${paint.cyan("open")}: it runs, or it was cut off; ${searched.length} candidates so far`;
  return [
    `${paint.bold(printable(cycle_id))}  ${outcome}`,
    ...section("what went wrong", longMessage(summary?.error?.message ?? "")),
    ...section("in use before", summary?.incumbent ? [incumbentLine(summary.incumbent)] : []),
    ...section("generations", summary ? drawGenerations(summary.generations_table, paint) : []),
    ...section("best candidates", drawBest(searched, isUp, paint)),
    ...section("failures", drawFailures(candidates)),
    ...section("promotions acknowledged", (summary?.promotions_acknowledged ?? []).map(printable)),
    "",
    paint.dim(`everything: ${cyclePaths(home, cycle_id).folder}`),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  return lines.length === 0 ? [] : ["", `${title}:`, ...lines.map((line) => `  ${line}`)];
}

/** The whole of what the first line cuts short. */
function longMessage(message: string): string[] {
  return message.length > MAX_MESSAGE_CHARS ? message.split("\n").map(printable) : [];
}

function incumbentLine(incumbent: {
  readonly version_id: string | null;
  readonly fitness: number | null;
  readonly params: Params;
}): string {
  const name = incumbent.version_id ?? "baseline";
  return `${printable(name)}  ${fitness(incumbent.fitness)}  ${abbreviate(incumbent.params, widthOf() - 60)}`;
}

function drawGenerations(rows: readonly GenerationRow[], paint: Paint): string[] {
  return drawTable(
    [">", ">best", ">median", ">worst", ">failed", ">best so far"],
    rows.map((row) => [
      String(row.generation + 1),
      fitness(row.best),
      fitness(row.median),
      fitness(row.worst),
      String(row.failed),
      fitness(row.best_so_far),
    ]),
    paint,
  );
}

function drawBest(candidates: readonly Measured[], isUp: boolean, paint: Paint): string[] {
  const ranked = candidates
    .flatMap(({ candidate, result }) => (result?.status === "ok" ? [{ candidate, result }] : []))
    .sort((a, b) => (isUp ? b.result.fitness - a.result.fitness : a.result.fitness - b.result.fitness))
    .slice(0, MAX_BEST);
  if (ranked.length === 0) return [];
  return drawTable(
    ["candidate", ">fitness", "from", ">time", "parameters"],
    ranked.map(({ candidate, result }) => [
      printable(candidate.candidate_id),
      fitness(result.fitness),
      candidate.origin.kind,
      formatDuration(result.duration_ms),
      abbreviate(candidate.params, widthOf() - 50),
    ]),
    paint,
  );
}

/** `3 × Timeout: c00004 the evaluator was ended after 3 s`: each kind once. */
function drawFailures(candidates: readonly Measured[]): string[] {
  const kinds = new Map<string, { count: number; first: string }>();
  for (const { candidate, result } of candidates) {
    if (result?.status !== "failed") continue;
    const { type, message, stderr_tail } = result.error;
    const said = stderr_tail === "" ? "" : `: ${stderr_tail}`;
    const first = `${candidate.candidate_id} ${message}${said}`.replaceAll(/\s+/gu, " ");
    const known = kinds.get(type) ?? { count: 0, first };
    kinds.set(type, { ...known, count: known.count + 1 });
  }
  return [...kinds]
    .slice(0, MAX_FAILURES)
    .map(([type, { count, first }]) => `${count} × ${type}: ${shorten(printable(first), widthOf() - 30)}`);
}
