/** A command's failures that are the user's to repair: one message, no stack trace. */
import { KlorosError } from "@kloros/bus";
import type { ExitCode } from "./exit-codes.ts";
import { EXIT } from "./exit-codes.ts";

/** Ends the command with a message for the user and this exit code. */
export class CommandError extends KlorosError {
  readonly exitCode: ExitCode;

  constructor(exitCode: ExitCode, message: string, options?: ErrorOptions) {
    super("E_COMMAND", message, options);
    this.exitCode = exitCode;
  }
}

/** The command line itself is wrong (64). */
export function usageError(message: string, options?: ErrorOptions): CommandError {
  return new CommandError(EXIT.usage, message, options);
}

/** The answer is no (1). */
export function answerNo(message: string, options?: ErrorOptions): CommandError {
  return new CommandError(EXIT.no, message, options);
}

/** Nobody answers on this home (69). */
export function unreachable(message: string, options?: ErrorOptions): CommandError {
  return new CommandError(EXIT.unreachable, message, options);
}
