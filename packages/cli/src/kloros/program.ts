/** The command line of `kloros`; one file per subcommand, and only the file of the one that was asked for is loaded. */
import { Command } from "commander";
import { type CommandTable, someCommands } from "../program/command-table.ts";

const COMMANDS: CommandTable = {
  up: async () => (await import("./up.ts")).upCommand(),
  dev: async () => (await import("./dev.ts")).devCommand(),
  init: async () => (await import("./init.ts")).initCommand(),
  new: async () => (await import("./new.ts")).newCommand(),
  daemons: async () => (await import("./daemons.ts")).daemonsCommand(),
  status: async () => (await import("./status.ts")).statusCommand(),
  metrics: async () => (await import("./metrics.ts")).metricsCommand(),
  doctor: async () => (await import("./doctor.ts")).doctorCommand(),
  waits: async () => (await import("./waits.ts")).waitsCommand(),
  ask: async () => (await import("./ask.ts")).askCommand(),
  dream: async () => (await import("./dream.ts")).dreamCommand(),
  deployments: async () => (await import("./deployments.ts")).deploymentsCommand(),
  policies: async () => (await import("./policies.ts")).policiesCommand(),
  why: async () => (await import("./why.ts")).whyCommand(),
  install: async () => (await import("./install.ts")).installCommand(),
  upgrade: async () => (await import("./upgrade.ts")).upgradeCommand(),
  uninstall: async () => (await import("./uninstall.ts")).uninstallCommand(),
  start: async () => (await import("./order.ts")).orderCommand("start"),
  stop: async () => (await import("./order.ts")).orderCommand("stop"),
  restart: async () => (await import("./order.ts")).orderCommand("restart"),
};

/** The program with the command that `argv` asks for; with all of them where it names none. */
export async function klorosProgram(argv: readonly string[]): Promise<Command> {
  const program = new Command("kloros").description("Runs a signal mesh and looks after it.");
  for (const command of await someCommands(COMMANDS, argv)) program.addCommand(command);
  return program.addHelpText(
    "after",
    `
Examples:
  kloros up --workspace ~/src/my-project     run the mesh in the foreground
  kloros status                              is every daemon ready?
  kloros doctor                              is this machine, is this home in order?
  kloros why <id>                            why was that done, or not?
  chem-bus listen                            watch the signals (see chem-bus --help)

Exit codes: 0 done · 1 the answer is no · 64 usage · 69 mesh not reachable · 70 bug · 75 already running · 78 bad configuration`,
  );
}
