/** Why a condition said no, with the facts it names. Pure. */
import type { Expression } from "../cel/expression.ts";

/** Longest value shown, in characters. */
const MAX_VALUE_CHARACTERS = 60;

/** `facts.unacknowledged_count > 0 is false (unacknowledged_count = 0)`. */
export function explainNo(
  { source, factNames }: Expression,
  facts: Readonly<Record<string, unknown>>,
): string {
  const shown = factNames.map((name) => `${name} = ${valueText(facts[name])}`);
  const values = shown.length === 0 ? "" : ` (${shown.join(", ")})`;
  return `${source.replaceAll(/\s+/g, " ").trim()} is false${values}`;
}

function valueText(value: unknown): string {
  if (value === undefined) return "absent";
  const text = JSON.stringify(value);
  return text.length <= MAX_VALUE_CHARACTERS ? text : `${text.slice(0, MAX_VALUE_CHARACTERS)}…`;
}
