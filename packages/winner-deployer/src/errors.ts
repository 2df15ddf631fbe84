/** What an operator's wish can meet: the message is the answer on the control socket. */
import { KlorosError } from "@kloros/bus";

/**
 * An operator's rollback that cannot be done as it was asked; nothing was changed.
 * The message says what stands in the way: a deployment that runs, a version that is missing or damaged, a lock.
 */
export class RollbackRefusedError extends KlorosError {
  constructor(message: string, options?: ErrorOptions) {
    super("E_ROLLBACK_REFUSED", message, options);
  }
}
