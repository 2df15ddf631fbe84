/** `kloros dev`: the whole mesh, and who is edited is restarted. */
import { Command, Option } from "commander";
import { type DevOptions, runDev } from "../dev/run-dev.ts";
import { withCommonOptions } from "../program/home.ts";

export function devCommand(): Command {
  const command = new Command("dev")
    .description(
      "Like kloros up, and restart daemons when their sources change; state is kept, nothing is lost.",
    )
    .option(
      "--workspace <dir>",
      "source tree to look at (default: $KLOROS_WORKSPACE, mesh.yaml or the current folder)",
    )
    .addOption(new Option("--only <daemon...>", "run only these daemons").argParser(splitNames))
    .option("--own", "build and watch only packages of your own, not the checkout");
  return withCommonOptions(command, "pass the daemons' logs through as JSON lines")
    .action(async (options: DevOptions) => {
      process.exitCode = await runDev(options);
    })
    .addHelpText(
      "after",
      `
Examples:
  kloros dev                                  in a checkout: all daemons, and your own that are registered
  kloros dev --own --only word_counter        one daemon of your own

Changed sources are built (tsc --build, or the build script of your package); who runs on something that differs afterwards is
stopped in order and started again. While a build is broken, what runs goes on as it is.`,
    );
}

function splitNames(value: string, earlier: readonly string[] | undefined): string[] {
  return [...(earlier ?? []), ...value.split(",").filter((name) => name !== "")];
}
