/** Versions as people name them: by id, by the unambiguous beginning or end of an id, `current`, `previous`. Pure. */
import type { Standing } from "@kloros/experiments";
import type { CommandError } from "../program/errors.ts";

/** Shortest part of an id that is taken for it: the hexadecimal end of a cycle's id. */
const MIN_PART = 4;

/** The id of the version that is meant. @throws {CommandError} as `refuse` makes it */
export function pickVersion(
  standing: Standing,
  name: string,
  refuse: (message: string) => CommandError,
): string {
  const { experiment, current, previous_version_id: previous, versions, problem } = standing;
  if (name === "current") {
    if (current !== null) return current.version_id;
    throw refuse(problem ?? `${experiment} has no version in place`);
  }
  if (name === "previous") {
    if (typeof previous === "string") return previous;
    throw refuse(`there is no version before the current one of ${experiment}`);
  }
  if (versions.includes(name)) return name;
  const found =
    name.length < MIN_PART ? [] : versions.filter((id) => id.startsWith(name) || id.endsWith(name));
  const [only] = found;
  if (only !== undefined && found.length === 1) return only;
  if (found.length > 1)
    throw refuse(`${name} is part of ${String(found.length)} versions: ${found.join(", ")}`);
  throw refuse(
    `${experiment} has no version ${name}; there ${versions.length === 0 ? "is none" : `are ${versions.join(", ")}`}`,
  );
}
