/** `kloros dream status`: asks the dream consumer what it does. */
import { setTimeout as sleep } from "node:timers/promises";
import { Command } from "commander";
import { CommandError } from "../program/errors.ts";
import { existingHome, withCommonOptions, type CommonOptions } from "../program/home.ts";
import { printJson, printLine } from "../program/output.ts";
import { paintFor } from "../program/paint.ts";
import { askDreamStatus, type DreamStatus } from "./dream-status.ts";
import { drawDreamStatus } from "./draw-dream-status.ts";

interface StatusOptions extends CommonOptions {
  readonly watch?: boolean;
}

/** Time between two looks of `--watch`, in milliseconds: as fast as a person reads. */
const WATCH_MS = 1_000;

export function statusCommand(): Command {
  const command = new Command("status")
    .description(
      "Show the cycle that runs, what waits, and how the last one ended; exit 69 when nobody answers.",
    )
    .option("--watch", "look again every second, until Ctrl-C");
  return withCommonOptions(command)
    .action(async (options: StatusOptions) => {
      const home = existingHome(options);
      if (options.watch === true) return watch(home, options);
      const status = await askDreamStatus(home);
      if (options.json === true) await printJson(status);
      else for (const line of drawDreamStatus(status, paintFor())) await printLine(line);
    })
    .addHelpText(
      "after",
      `
Examples:
  kloros dream status --watch
  kloros dream status --json | jq '.running[].best_fitness'`,
    );
}

/** A terminal is redrawn in place; anything else gets one block, or with --json one line, per look. */
async function watch(home: string, { json }: StatusOptions): Promise<void> {
  let drawn = 0;
  await askDreamStatus(home); // Nobody there from the start is an error, not a picture.
  for (;;) {
    const status = await lookOnce(home);
    if (json === true) await printLine(JSON.stringify(status));
    else {
      const lines = typeof status === "string" ? [status] : drawDreamStatus(status, paintFor());
      if (process.stdout.isTTY && drawn > 0) process.stdout.write(`\u001B[${drawn}A\u001B[J`);
      for (const line of lines) await printLine(process.stdout.isTTY ? fitted(line) : line);
      if (!process.stdout.isTTY) await printLine("");
      drawn = lines.length;
    }
    await sleep(WATCH_MS);
  }
}

/** A line that wraps would be counted once and stand in two. */
function fitted(line: string): string {
  const visible = process.stdout.columns || Infinity; // 0: a terminal that does not know its size.
  return line.length <= visible ? line : `${line.slice(0, Math.max(0, visible - 1))}\u001B[0m`;
}

/** A daemon that restarts is waited for. */
async function lookOnce(home: string): Promise<DreamStatus | string> {
  try {
    return await askDreamStatus(home);
  } catch (cause) {
    if (cause instanceof CommandError) return cause.message;
    throw cause;
  }
}
