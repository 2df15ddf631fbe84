/** `kloros new daemon|signal`: a daemon of your own, a signal of your own. */
import { relative } from "node:path";
import { Command } from "commander";
import { newDaemon } from "../new/daemon/new-daemon.ts";
import { newSignal, TAKES_ANY } from "../new/new-signal.ts";
import { type CommonOptions, homeOf, withCommonOptions } from "../program/home.ts";
import { printJson, printLine } from "../program/output.ts";
import { collect } from "../program/repeated-option.ts";

interface DaemonOptions extends CommonOptions {
  readonly dir: string;
  readonly signal?: string;
  readonly consumes: readonly string[];
}

interface SignalOptions extends CommonOptions {
  readonly dir: string;
  readonly emitter: readonly string[];
  readonly consumer: readonly string[];
  readonly kind: string;
}

export function newCommand(): Command {
  return new Command("new")
    .description("Write a daemon or a signal of your own.")
    .addCommand(daemonCommand())
    .addCommand(signalCommand());
}

function daemonCommand(): Command {
  const command = new Command("daemon")
    .description("Write a package with contracts, handler, test and unit that builds and runs at once.")
    .argument("<name>", "such as word-counter; the folder gets this name")
    .option("--dir <dir>", "folder in which its folder is made", ".")
    .option("--signal <name>", "the signal with which it says that work is done (default: Q_<NAME>_DONE)")
    .option("--consumes <name>", "a signal of others that it reacts to, repeatable", collect, []);
  return withCommonOptions(command)
    .action(async (name: string, options: DaemonOptions) => {
      const { dir, signal, consumes } = options;
      const made = await newDaemon({
        name,
        dir,
        consumes,
        home: homeOf(options),
        ...(signal === undefined ? {} : { signal }),
      });
      if (options.json === true) return printJson(made);
      const folder = relative(process.cwd(), made.folder) || ".";
      await printLine(`${folder}: ${made.daemon}, ${String(made.files.length)} files. Next:`);
      await printLine(`  cd ${folder}`);
      await printLine(
        `  npm install && npm test${made.needs_registry ? "   # fetches a compiler: this release has none" : ""}`,
      );
      await printLine("  kloros daemons add .");
    })
    .addHelpText(
      "after",
      `
Examples:
  kloros new daemon word-counter
  kloros new daemon module-notes --consumes Q_MODULE_DISCOVERED --signal Q_NOTES_WRITTEN

Nothing that exists is touched. docs/writing-a-daemon.md is the guide.`,
    );
}

function signalCommand(): Command {
  const command = new Command("signal")
    .description("Write the contract of a signal of your own, and complete the table in the README.")
    .argument("<name>", "Q_<ACTION>_<STATE>")
    .option("--dir <dir>", "folder with daemons.json and signals/", "contracts")
    .option("--emitter <daemon>", "who emits it, repeatable (default: the daemon of the folder)", collect, [])
    .option("--consumer <daemon>", "who consumes it, repeatable (default: kloros_policy_engine)", collect, [])
    .option("--kind <kind>", "advisory, trigger, completion, error or telemetry", "advisory");
  return withCommonOptions(command)
    .action(async (name: string, options: SignalOptions) => {
      const { dir, emitter, consumer, kind } = options;
      const made = await newSignal({
        name,
        dir,
        emitters: emitter,
        consumers: consumer,
        kind,
        home: homeOf(options),
      });
      if (options.json === true) return printJson(made);
      await printLine(`${relative(process.cwd(), made.file)}: give it the facts it needs, then`);
      await printLine(`  chem-bus contracts lint --dir ${dir}`);
      await printLine("  npm run build     # types for node.on and emit");
      const own = made.consumers.filter((daemon) => daemon !== TAKES_ANY).join(", ");
      if (own !== "") await printLine(`and a handler in ${own}: node.on("${name}", …)`);
    })
    .addHelpText(
      "after",
      `
Examples:
  kloros new signal Q_NOTE_TAKEN
  kloros new signal Q_NOTE_TAKEN --emitter note_taker --consumer note_reader --kind completion`,
    );
}
