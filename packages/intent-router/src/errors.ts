/** Failures that only this daemon has. */
import { KlorosError } from "@kloros/bus";

/** An intent file that cannot be routed; it lies in `intents/rejected/` with a report that names each problem. */
export class IntentRejectedError extends KlorosError {
  /** `reasons` is one sentence per problem; the file's name is quoted, so that letters of one cause group together. */
  constructor(file: string, reasons: readonly string[]) {
    super("E_INTENT_REJECTED", `${JSON.stringify(file)}: ${reasons.join("; ")}`);
  }
}
