/** `kloros dream`: D-REAM cycles as an operator sees and asks for them. One file per subcommand in `../dream/`. */
import { Command } from "commander";
import { cancelCommand } from "../dream/cancel-command.ts";
import { checkCommand } from "../dream/check-command.ts";
import { listCommand } from "../dream/list-command.ts";
import { runCommand } from "../dream/run-command.ts";
import { showCommand } from "../dream/show-command.ts";
import { statusCommand } from "../dream/status-command.ts";

export function dreamCommand(): Command {
  return new Command("dream")
    .description("Evolution cycles: what runs, what came of it, and the file that says what to try.")
    .addCommand(statusCommand())
    .addCommand(listCommand())
    .addCommand(showCommand())
    .addCommand(checkCommand())
    .addCommand(runCommand())
    .addCommand(cancelCommand())
    .addHelpText(
      "after",
      `
Examples:
  kloros dream run                       start the first enabled experiment
  kloros dream status --watch            follow it
  kloros dream show last                 what came of it`,
    );
}
