/** Several results as one. Pure. */
import { isDeepStrictEqual } from "node:util";
import { MergeConflictError } from "../errors.ts";
import { isRecord, memberOf } from "./results.ts";

/** A result, and who gave it. */
export interface GivenResult {
  readonly daemon: string;
  readonly result: unknown;
}

/**
 * Lists are joined, objects are laid over each other: with `mergeKey`, those members of the results, without it, the results.
 * Results without the member are left out; nothing to merge is `[]`.
 * @throws {MergeConflictError} a list and an object, or two values for one member
 */
export function mergeResults(
  event: string,
  given: readonly GivenResult[],
  mergeKey: string | undefined,
): unknown {
  const parts = given
    .map(({ daemon, result }) => ({
      daemon,
      part: mergeKey === undefined ? result : memberOf(result, mergeKey),
    }))
    .filter(({ part }) => part !== undefined);
  if (parts.every(({ part }) => Array.isArray(part))) return parts.flatMap(({ part }) => part as unknown[]);
  const merged: Record<string, unknown> = {};
  const from: Record<string, string> = {};
  for (const { daemon, part } of parts) {
    if (!isRecord(part))
      throw new MergeConflictError(event, `${daemon} gave neither a list nor an object as the others did`);
    for (const [member, value] of Object.entries(part)) {
      if (Object.hasOwn(merged, member) && !isDeepStrictEqual(merged[member], value))
        throw new MergeConflictError(
          event,
          `${from[member]} and ${daemon} say different things of ${member}`,
        );
      merged[member] = value;
      from[member] = daemon;
    }
  }
  return merged;
}
