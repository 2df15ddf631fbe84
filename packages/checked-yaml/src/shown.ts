/** How a message repeats what somebody wrote. */

/** Longest piece of a wrong value that a message repeats. */
const SHOWN_CHARACTERS = 60;

export function shown(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (typeof value === "number" && !Number.isFinite(value)) return String(value);
  const text = JSON.stringify(value);
  return text.length <= SHOWN_CHARACTERS ? text : `${text.slice(0, SHOWN_CHARACTERS)}…`;
}

/** ` from 1 to 5`, ` of at least 1`, ` of at most 5`, or nothing. */
export function inRange(
  range: { readonly min?: number; readonly max?: number },
  format: (value: number) => string = String,
): string {
  const { min, max } = range;
  if (min !== undefined && max !== undefined) return ` from ${format(min)} to ${format(max)}`;
  if (min !== undefined) return ` of at least ${format(min)}`;
  return max === undefined ? "" : ` of at most ${format(max)}`;
}
