/** `kloros dream show <cycle>`: one cycle, generation by generation. */
import { Command } from "commander";
import { answerNo } from "../program/errors.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine } from "../program/output.ts";
import { paintFor } from "../program/paint.ts";
import { cycleIds, readCandidates, readCycle } from "./cycle-files.ts";
import { drawCycle } from "./draw-cycle.ts";

/** Cycles that a message names when an id means several. */
const MAX_NAMED = 5;

export function showCommand(): Command {
  const command = new Command("show")
    .description("Show one cycle: what it tried, what failed and why, what came of it.")
    .argument("<cycle>", "its id, an unambiguous part of it, or last");
  return withCommonOptions(command)
    .action(async (wanted: string, options: CommonOptions) => {
      const home = existingHome(options);
      const id = meant(wanted, await cycleIds(home));
      const files = await readCycle(home, id);
      const candidates = await readCandidates(home, id);
      if (options.json === true) await printJson({ ...jsonOf(files), candidates });
      else for (const line of drawCycle(home, files, candidates, paintFor())) await printLine(line);
    })
    .addHelpText(
      "after",
      `
Examples:
  kloros dream show last
  kloros dream show dream_20260131_120000_0123abcd --json | jq '.candidates[] | select(.result.status == "failed")'`,
    );
}

/** @throws {CommandError} 1: no such cycle, or several */
function meant(wanted: string, ids: readonly string[]): string {
  const newest = ids[0];
  if (newest === undefined) throw answerNo("no cycle has run yet; start one with: kloros dream run");
  if (wanted === "last") return newest;
  if (ids.includes(wanted)) return wanted;
  const found = ids.filter((id) => id.includes(wanted));
  if (found.length === 1) return found[0]!;
  throw answerNo(
    found.length === 0
      ? `no cycle is called ${wanted}; kloros dream list shows those that the home still has${refusedHint(wanted)}`
      : `${wanted} means ${found.length} cycles: ${found.slice(0, MAX_NAMED).join(", ")}${found.length > MAX_NAMED ? ", …" : ""}`,
  );
}

/** A trigger that was refused has a cycle's id, and no folder. */
function refusedHint(wanted: string): string {
  return wanted.startsWith("dream_") ? `; chem-bus trace ${wanted} shows whether it was refused` : "";
}

/** A search space is a map, of which JSON would show nothing. */
function jsonOf({ cycle_id, cycle, summary }: Awaited<ReturnType<typeof readCycle>>): object {
  if (!cycle) return { cycle_id, cycle, summary };
  const experiment = { ...cycle.experiment, search_space: Object.fromEntries(cycle.experiment.search_space) };
  return { cycle_id, cycle: { ...cycle, experiment }, summary };
}
