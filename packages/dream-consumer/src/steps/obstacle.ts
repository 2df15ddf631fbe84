/** What stands in the way of a step, and whether waiting helps. */
import { KlorosError } from "@kloros/bus";

/** The node is closing: the step is done anew at the next start. */
export function isNodeClosed(error: unknown): boolean {
  return error instanceof KlorosError && error.code === "E_NODE_CLOSED";
}

/** A file of a D-REAM cycle is missing, damaged or not what was written; restore it, or cancel the cycle (`dream:cancel`). */
export class CycleFileError extends KlorosError {
  constructor(message: string, options?: ErrorOptions) {
    super("E_CYCLE_FILE", message, options);
  }
}
