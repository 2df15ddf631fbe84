/** Which subcommands are loaded: the one that is asked for, since most of a short command's time is spent on loading code. */
import type { Command } from "commander";

/** Name → the command, loaded when it is needed. In the order of the help. */
export type CommandTable = Readonly<Record<string, () => Promise<Command>>>;

/** The command that the first word of `argv` names; all of them for the help, for a misspelt name, or for none. */
export async function someCommands(table: CommandTable, argv: readonly string[]): Promise<Command[]> {
  const [name = ""] = argv;
  const load = Object.hasOwn(table, name) ? table[name] : undefined;
  if (load) return [await load()];
  return Promise.all(Object.values(table).map((loadOne) => loadOne()));
}
