/** The two ways in which the field writes a priority, read as one. */
import type { Priority } from "@kloros/bus";
import { JsonNumber, typeName, type JsonValue } from "../json/json-value.ts";
import { quoted } from "../problem.ts";

/** Most urgent first; the place in the list is the rank by which a backlog is ordered. */
const WORDS: readonly Priority[] = ["critical", "high", "normal", "low"];

/** 0 for `critical` … 3 for `low`. */
export function priorityRank(priority: Priority): number {
  return WORDS.indexOf(priority);
}

export function isPriority(value: unknown): value is Priority {
  return (WORDS as readonly unknown[]).includes(value);
}

/** A word, or an integer: 0–3 low, 4–6 normal, 7–8 high, 9–10 critical. Undefined when it is neither. */
export function readPriority(value: JsonValue): Priority | undefined {
  if (isPriority(value)) return value;
  if (!(value instanceof JsonNumber)) return undefined;
  const level = Number(value.literal);
  if (!Number.isInteger(level) || level < 0 || level > 10) return undefined;
  if (level <= 3) return "low";
  if (level <= 6) return "normal";
  return level <= 8 ? "high" : "critical";
}

/** What is wrong with a value that is no priority. */
export function priorityMessage(value: JsonValue): string {
  return `must be 0–10 or one of low, normal, high, critical (got ${shown(value)})`;
}

function shown(value: JsonValue): string {
  if (value instanceof JsonNumber) return value.literal.slice(0, 20);
  return typeof value === "string" ? quoted(value) : typeName(value);
}
