/** `kloros waits`: what was asked for and is not done yet, as the monitor's watchdog knows it. */
import { join } from "node:path";
import { askDaemon, DaemonUnreachableError } from "@kloros/client";
import { Command } from "commander";
import { unreachable } from "../program/errors.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine, remark } from "../program/output.ts";
import { paintFor } from "../program/paint.ts";
import { drawWaits, overdueHint } from "../waits/draw-waits.ts";
import type { WaitRow } from "../waits/wait-row.ts";

interface WaitsOptions extends CommonOptions {
  readonly all?: boolean;
}

/** Rows asked for; the next due come first. */
const MAX_ROWS = 1_000;

export function waitsCommand(): Command {
  const command = new Command("waits")
    .description("Show what was asked for and is not done yet, and when its timeout is due.")
    .option("--all", "also what has timed out in the last days, and whether it came late");
  return withCommonOptions(command)
    .action(async (options: WaitsOptions) => {
      const known = await askForWaits(existingHome(options));
      const rows = options.all === true ? known : known.filter(({ state }) => state === "waiting");
      if (known.length === MAX_ROWS) remark(`the first ${String(MAX_ROWS)} are shown`);
      if (options.json === true) await printJson(rows);
      else for (const line of drawWaits(rows, paintFor())) await printLine(line);
      const overdue = known.filter(({ state }) => state === "timed_out").length;
      if (options.all !== true && overdue > 0) remark(overdueHint(overdue));
    })
    .addHelpText(
      "after",
      `
Examples:
  kloros waits
  kloros waits --all
  kloros waits --json | jq -r '.[] | select(.due_in_s < 60) | .question_id'

What is waited for follows from the contracts' expects; deadlines of this home: daemons.orchestrator_monitor.deadlines.
chem-bus trace <story> shows how far a story has come.`,
    );
}

async function askForWaits(home: string): Promise<WaitRow[]> {
  const socket = join(home, "run", "orchestrator_monitor.sock");
  try {
    return await askDaemon<WaitRow[]>(socket, "watchdog:list", { all: true, limit: MAX_ROWS });
  } catch (cause) {
    if (!(cause instanceof DaemonUnreachableError)) throw cause;
    throw unreachable(
      `orchestrator_monitor, which watches, does not answer on ${home}; start it with: kloros up --home ${home}`,
      { cause },
    );
  }
}
