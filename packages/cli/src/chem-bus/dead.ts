/** `chem-bus dead`: signals that could not be handled. */
import { Command } from "commander";
import { deadListCommand } from "./dead-list.ts";
import { deadShowCommand } from "./dead-show.ts";

export function deadCommand(): Command {
  return new Command("dead")
    .description("Dead letters: signals that could not be handled.")
    .addCommand(deadListCommand())
    .addCommand(deadShowCommand());
}
