/** The command line of `chem-bus`; one file per subcommand, and only the file of the one that was asked for is loaded. */
import { Command } from "commander";
import { type CommandTable, someCommands } from "../program/command-table.ts";

const COMMANDS: CommandTable = {
  listen: async () => (await import("./listen.ts")).listenCommand(),
  emit: async () => (await import("./emit.ts")).emitCommand(),
  trace: async () => (await import("./trace.ts")).traceCommand(),
  dead: async () => (await import("./dead.ts")).deadCommand(),
  audit: async () => (await import("./audit.ts")).auditCommand(),
  check: async () => (await import("./check.ts")).checkCommand(),
  top: async () => (await import("./top.ts")).topCommand(),
  contracts: async () => (await import("./contracts.ts")).contractsCommand(),
  keys: async () => (await import("./keys.ts")).keysCommand(),
  salvage: async () => (await import("./salvage.ts")).salvageCommand(),
};

/** The program with the command that `argv` asks for; with all of them where it names none. */
export async function chemBusProgram(argv: readonly string[]): Promise<Command> {
  const program = new Command("chem-bus").description("Looks at the signals of a mesh, and asks for some.");
  for (const command of await someCommands(COMMANDS, argv)) program.addCommand(command);
  return program.addHelpText(
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
