/** Facts and log fields as one short readable line: `question_id=… priority=high evidence=["a","b"]`. */
import { printable, shorten } from "./paint.ts";

/** Longest value shown, in characters. */
const MAX_VALUE_CHARS = 60;

/** `key=value` pairs in their own order, at most `maxChars` characters in all. */
export function abbreviate(values: Readonly<Record<string, unknown>>, maxChars: number): string {
  const pairs = Object.entries(values).map(([key, value]) => `${printable(key)}=${abbreviateValue(value)}`);
  return shorten(pairs.join(" "), maxChars);
}

function abbreviateValue(value: unknown): string {
  if (typeof value === "object" && value !== null)
    return shorten(printable(JSON.stringify(value)), MAX_VALUE_CHARS);
  if (typeof value !== "string") return String(value);
  const safe = shorten(printable(value), MAX_VALUE_CHARS);
  return /^[^\s"=]+$/u.test(safe) ? safe : `"${safe}"`;
}
