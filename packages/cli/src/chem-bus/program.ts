/** The command line of `chem-bus`; one file per subcommand. */
import { Command } from "commander";
import { auditCommand } from "./audit.ts";
import { checkCommand } from "./check.ts";
import { contractsCommand } from "./contracts.ts";
import { deadListCommand } from "./dead-list.ts";
import { deadShowCommand } from "./dead-show.ts";
import { emitCommand } from "./emit.ts";
import { keysCommand } from "./keys.ts";
import { listenCommand } from "./listen.ts";
import { salvageCommand } from "./salvage.ts";
import { topCommand } from "./top.ts";
import { traceCommand } from "./trace.ts";

export function chemBusProgram(): Command {
  const dead = new Command("dead")
    .description("Dead letters: signals that could not be handled.")
    .addCommand(deadListCommand())
    .addCommand(deadShowCommand());
  return new Command("chem-bus")
    .description("Looks at the signals of a mesh, and asks for some.")
    .addCommand(listenCommand())
    .addCommand(emitCommand())
    .addCommand(traceCommand())
    .addCommand(dead)
    .addCommand(auditCommand())
    .addCommand(checkCommand())
    .addCommand(topCommand())
    .addCommand(contractsCommand())
    .addCommand(keysCommand())
    .addCommand(salvageCommand())
    .addHelpText(
      "after",
      `
Examples:
  chem-bus listen --signal 'Q_MODULE_*'      watch some signals
  chem-bus trace discover.module.audio       how a question became a capability
  chem-bus audit                             do the books balance?
  chem-bus top                               what does each daemon do at this moment?

chem-bus --listen is chem-bus listen. All commands take --home (or KLOROS_HOME) and --json.
Exit codes: 0 done · 1 the answer is no · 64 usage · 69 mesh not reachable · 70 bug
(check: 0 OK · 1 WARNING · 2 CRITICAL · 3 UNKNOWN)`,
    );
}

/** `chem-bus --listen …` is an older way to write `chem-bus listen …`. */
export function normalizeArguments(argv: readonly string[]): string[] {
  const at = argv.indexOf("--listen");
  if (at < 0 || argv.slice(0, at).some((word) => !word.startsWith("-"))) return [...argv];
  return ["listen", ...argv.slice(0, at), ...argv.slice(at + 1)];
}
