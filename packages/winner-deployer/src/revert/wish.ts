/** What an operator asks for, checked member by member. Pure. */
import { ControlRequestError } from "@kloros/daemon";
import { isPlainName } from "../winner/names.ts";

export interface RollbackWish {
  readonly experiment: string;
  /** null: the one before. */
  readonly to: string | null;
  readonly reason: string;
}

/** An operator's sentence or two; it goes into a signal. */
const MAX_REASON_CHARACTERS = 1_000;
const MEMBERS = ["experiment", "to", "reason"];

/** @throws {ControlRequestError} naming the member that is wrong */
export function readWish(data: unknown): RollbackWish {
  if (typeof data !== "object" || data === null || Array.isArray(data))
    throw new ControlRequestError("data must be an object: {experiment, to?, reason?}");
  const { experiment, to, reason } = data as Record<string, unknown>;
  const unknown = Object.keys(data).find((name) => !MEMBERS.includes(name));
  if (unknown !== undefined)
    throw new ControlRequestError(`${unknown} is unknown; there are ${MEMBERS.join(", ")}`);
  if (typeof experiment !== "string" || !isPlainName(experiment))
    throw new ControlRequestError("experiment must be the name of an experiment");
  if (to !== undefined && to !== null && (typeof to !== "string" || !isPlainName(to)))
    throw new ControlRequestError("to must be the id of a version, or be left out for the one before");
  if (reason !== undefined && (typeof reason !== "string" || reason.length > MAX_REASON_CHARACTERS))
    throw new ControlRequestError(
      `reason must be a text of at most ${String(MAX_REASON_CHARACTERS)} characters`,
    );
  return { experiment, to: to ?? null, reason: reason === undefined || reason === "" ? "operator" : reason };
}
