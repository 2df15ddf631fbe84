/** What stands in the way of a step, and whether waiting helps. */
import { KlorosError } from "@kloros/bus";

/** Causes of causes that are looked at. */
const MAX_CAUSES = 8;

/** A full disk is waited for, however long: it is nobody's result. */
export function isDiskFull(error: unknown): boolean {
  let at = error;
  for (let depth = 0; at instanceof Error && depth < MAX_CAUSES; depth++, at = at.cause) {
    const { errno, code } = at as { readonly errno?: unknown; readonly code?: unknown };
    if ([errno, code].some((word) => word === "ENOSPC" || word === "EDQUOT" || word === "E_DISK_FULL"))
      return true;
  }
  return false;
}

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
