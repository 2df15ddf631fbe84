/** What an operator asks for. Pure. */
import { ControlRequestError, type ParametersSchema } from "@kloros/daemon";
import { isPlainName } from "../winner/names.ts";

export interface RollbackWish {
  readonly experiment: string;
  /** null: the one before. */
  readonly to: string | null;
  readonly reason: string;
}

/** An operator's sentence or two; it goes into a signal. */
const MAX_REASON_CHARACTERS = 1_000;

/** What `deployments:rollback` takes. */
export const ROLLBACK_PARAMETERS: ParametersSchema = {
  properties: {
    experiment: { type: "string", description: "Name of an experiment." },
    to: { type: ["string", "null"], description: "Id of a version; left out, the one before." },
    reason: { type: "string", maxLength: MAX_REASON_CHARACTERS, description: "Why, for the record." },
  },
  required: ["experiment"],
};

/** `data` is as `ROLLBACK_PARAMETERS` says. @throws {ControlRequestError} naming the member that is wrong */
export function readWish(data: Readonly<Record<string, unknown>>): RollbackWish {
  const { experiment, to = null, reason = "" } = data as Partial<RollbackWish>;
  if (experiment === undefined || !isPlainName(experiment))
    throw new ControlRequestError("experiment must be the name of an experiment");
  if (to !== null && !isPlainName(to))
    throw new ControlRequestError("to must be the id of a version, or be left out for the one before");
  return { experiment, to, reason: reason === "" ? "operator" : reason };
}
