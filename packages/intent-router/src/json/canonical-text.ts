/** One text for one content: keys sorted, no spaces, numbers as Python would print them. */
import { isJsonObject, JsonNumber, type JsonValue } from "./json-value.ts";
import { pythonNumber } from "./python-text.ts";

/** Two documents have the same canonical text exactly when they say the same, whatever their layout and key order. */
export function canonicalText(value: JsonValue): string {
  if (value instanceof JsonNumber) return pythonNumber(value);
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(",")}]`;
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = [...value].sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalText(member)}`).join(",")}}`;
}
