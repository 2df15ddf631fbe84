/** `kloros up`: the whole mesh in the foreground. */
import { Command, Option } from "commander";
import { withCommonOptions } from "../program/home.ts";
import { runMesh, type UpOptions } from "../up/run-mesh.ts";

export function upCommand(): Command {
  const command = new Command("up")
    .description(
      "Run all daemons in the foreground, restarting what crashes or hangs; Ctrl-C stops all in order.",
    )
    .option(
      "--workspace <dir>",
      "source tree to look at (default: $KLOROS_WORKSPACE, mesh.yaml or the current folder)",
    )
    .addOption(new Option("--only <daemon...>", "run only these daemons").argParser(splitNames))
    .option("--demo", "in a new home, drop a first intent and say what to do next");
  return withCommonOptions(command, "pass the daemons' logs through as JSON lines")
    .action(async (options: UpOptions) => {
      process.exitCode = await runMesh(options);
    })
    .addHelpText(
      "after",
      `
Examples:
  kloros up                                         home ~/.kloros, workspace the current folder
  kloros up --home ./.kloros --workspace ~/src/app
  kloros up --only intent_router,orchestrator_monitor
  kloros up --json | jq -c 'select(.level == "error")'

A missing home is created. One kloros up runs on a home at a time; a second one exits with 75.`,
    );
}

function splitNames(value: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), ...value.split(",").filter((name) => name !== "")];
}
