/** `kloros dream list`: the cycles of a home, newest first. */
import { Command, InvalidArgumentError, Option } from "commander";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { formatDuration } from "../program/moments.ts";
import { printJson, printLine } from "../program/output.ts";
import { type Paint, paintFor, printable } from "../program/paint.ts";
import { drawTable } from "../program/table.ts";
import { type CycleFiles, cycleIds, readCycle } from "./cycle-files.ts";
import { fitness } from "./outcome-line.ts";

interface ListOptions extends CommonOptions {
  readonly limit: number;
}

interface ListedCycle {
  readonly cycle_id: string;
  readonly experiment: string | null;
  readonly topic: string | null;
  /** `open`: it runs, or it was cut off. */
  readonly status: "complete" | "failed" | "open";
  readonly error_type: string | null;
  readonly winner_id: string | null;
  readonly best_fitness: number | null;
  readonly improvement: number | null;
  readonly candidates: number | null;
  readonly started_at: string | null;
  readonly duration_seconds: number | null;
}

const DEFAULT_LIMIT = 20;

export function listCommand(): Command {
  const command = new Command("list")
    .description("List the cycles that the home still has, newest first.")
    .addOption(
      new Option("--limit <n>", "at most so many").default(DEFAULT_LIMIT).argParser((text) => {
        if (/^[1-9]\d{0,6}$/u.test(text)) return Number(text);
        throw new InvalidArgumentError("must be a whole number of at least 1");
      }),
    );
  return withCommonOptions(command).action(async (options: ListOptions) => {
    const home = existingHome(options);
    const ids = (await cycleIds(home)).slice(0, options.limit);
    const cycles: ListedCycle[] = [];
    for (const id of ids) cycles.push(listed(await readCycle(home, id)));
    if (options.json === true) await printJson(cycles);
    else if (cycles.length === 0) await printLine("no cycle has run yet; start one with: kloros dream run");
    else for (const line of draw(cycles, paintFor())) await printLine(line);
  });
}

function listed({ cycle_id, cycle, summary }: CycleFiles): ListedCycle {
  return {
    cycle_id,
    experiment: summary?.experiment ?? cycle?.experiment.name ?? null,
    topic: summary?.topic ?? cycle?.topic ?? null,
    status: summary?.status ?? "open",
    error_type: summary?.error?.type ?? null,
    winner_id: summary?.winner_id ?? null,
    best_fitness: summary?.best?.fitness ?? null,
    improvement: summary?.improvement ?? null,
    candidates: summary?.candidates ?? null,
    started_at: summary?.started_at ?? cycle?.started_at ?? null,
    duration_seconds: summary?.duration_seconds ?? null,
  };
}

function draw(cycles: readonly ListedCycle[], paint: Paint): string[] {
  const colour = { complete: paint.green, failed: paint.yellow, open: paint.cyan };
  return drawTable(
    ["cycle", "experiment", "status", ">best", ">better by", ">candidates", ">time", ""],
    cycles.map((cycle) => [
      printable(cycle.cycle_id),
      printable(cycle.experiment ?? "?"),
      { text: cycle.status, paint: colour[cycle.status] },
      fitness(cycle.best_fitness),
      fitness(cycle.improvement),
      cycle.candidates === null ? "–" : String(cycle.candidates),
      cycle.duration_seconds === null ? "–" : formatDuration(cycle.duration_seconds * 1_000),
      { text: printable(cycle.error_type ?? cycle.winner_id ?? ""), paint: paint.dim },
    ]),
    paint,
  );
}
