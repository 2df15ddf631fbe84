/**
 * Runs one command line to its exit code. The only place that decides what becomes of an error: a user's mistake is
 * one message, a bug (70) shows its stack.
 */
import {
  ContractFileError,
  HomeNotPrivateError,
  KeyFileError,
  KeysMissingError,
  KlorosError,
  TransportRefusedError,
} from "@kloros/bus";
import { ConfigError, HomePathTooLongError } from "@kloros/daemon";
import type { Command } from "commander";
import { CommanderError } from "commander";
import { CommandError } from "./errors.ts";
import { EXIT } from "./exit-codes.ts";
import { mistakeListenerOf } from "./mistakes.ts";
import { flushOutput, leaveQuietlyOnClosedPipe } from "./output.ts";

/** Parses `argv` (without node and script), runs the command, ends the process. */
export async function runProgram(program: Command, argv: readonly string[]): Promise<never> {
  leaveQuietlyOnClosedPipe();
  prepare(program);
  let code: number;
  try {
    await program.parseAsync([...argv], { from: "user" });
    code = Number(process.exitCode ?? EXIT.done);
  } catch (error) {
    code = explain(program.name(), error);
  }
  await flushOutput();
  process.exit(code);
}

/** The same manners for every subcommand: no exit from inside the parser, errors followed by a pointer to the help. */
function prepare(command: Command): void {
  command.exitOverride().showHelpAfterError("(see --help)").helpCommand(false);
  const tell = mistakeListenerOf(command);
  if (tell !== undefined) {
    command.configureOutput({ outputError: () => undefined }).showHelpAfterError(false);
    command.exitOverride((error) => {
      if (error.exitCode === 0) throw error;
      tell(error.message);
      throw new MistakeTold();
    });
  }
  for (const sub of command.commands) prepare(sub);
}

/** Its listener has said what there was to say, and set the exit code. */
class MistakeTold extends Error {}

function explain(name: string, error: unknown): number {
  if (error instanceof MistakeTold) return Number(process.exitCode);
  if (error instanceof CommanderError) {
    // The parser has printed its message, or the help, already. Help that nobody asked for is a mistake.
    return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  }
  if (error instanceof KlorosError) {
    process.stderr.write(`${name}: ${error.message}\n`);
    if (error instanceof CommandError) return error.exitCode;
    return isConfiguration(error) ? EXIT.config : EXIT.no;
  }
  const trace = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`${name}: this is a bug, please report it with the lines below\n${trace}\n`);
  return EXIT.bug;
}

const CONFIGURATION = [
  ConfigError,
  ContractFileError,
  HomeNotPrivateError,
  HomePathTooLongError,
  KeyFileError,
  KeysMissingError,
  TransportRefusedError,
];

function isConfiguration(error: KlorosError): boolean {
  return CONFIGURATION.some((kind) => error instanceof kind);
}
