/**
 * From a file's text to a JSON object, with limits. Programs in Python write `NaN` and `Infinity` where JSON has no
 * number: that is told apart from a text that is no JSON at all, so that the reason names it.
 */
import { isDeeperThan } from "@kloros/bus";
import { refused, type Refused } from "./promotion.ts";

/** Largest promotion, in bytes; those of the field have less than 4 KiB. */
export const MAX_PROMOTION_BYTES = 256 * 1024;
/** Deepest nesting; a promotion of the field has three levels. */
const MAX_DEPTH = 32;
/** A string, or a word that Python writes for a number that JSON does not have. */
const STRING_OR_NOT_FINITE = /"(?:[^"\\]+|\\.)*"|-?\b(?:Infinity|NaN)\b/gs;
/** Stands for such a word; no honest text holds it. */
const NOT_FINITE = "\uE000not-finite:";

export type JsonObject = Readonly<Record<string, unknown>>;

/** The document, and its text without a byte-order mark; words that are no JSON numbers are strings that `notFinite` recognises. */
export function readPromotionJson(
  text: string,
): { readonly kind: "document"; readonly document: JsonObject; readonly text: string } | Refused {
  if (text.length > MAX_PROMOTION_BYTES / 3 && Buffer.byteLength(text) > MAX_PROMOTION_BYTES)
    return refused("TooLarge", `is larger than ${MAX_PROMOTION_BYTES} bytes`);
  const trimmed = text.startsWith("\uFEFF") ? text.slice(1) : text;
  if (trimmed.trim() === "") return refused("NotJson", "is empty");
  if (isDeeperThan(trimmed, MAX_DEPTH)) return refused("TooDeep", `nests deeper than ${MAX_DEPTH} levels`);
  const value = parse(trimmed);
  if (value instanceof SyntaxError) return refused("NotJson", `is not JSON: ${value.message}`);
  if (typeof value !== "object" || value === null || Array.isArray(value))
    return refused("UnknownShape", "is not a JSON object");
  return { kind: "document", document: value as JsonObject, text: trimmed };
}

/** `NaN`, `Infinity` or `-Infinity` when the value stood for that in the file; else null. */
export function notFinite(value: unknown): string | null {
  if (typeof value === "number") return Number.isFinite(value) ? null : String(value);
  return typeof value === "string" && value.startsWith(NOT_FINITE) ? value.slice(NOT_FINITE.length) : null;
}

/** Whether any member is no JSON number. Asked of every file, so it builds no path. */
export function holdsNotFinite(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return notFinite(value) !== null;
  for (const key in value) if (holdsNotFinite((value as JsonObject)[key])) return true;
  return false;
}

/** Path of the first member that is no JSON number, such as `winner.metrics.loss`; null when all are. */
export function pathOfNotFinite(value: unknown, path = ""): string | null {
  if (notFinite(value) !== null) return path;
  if (typeof value !== "object" || value === null) return null;
  for (const [key, member] of Object.entries(value)) {
    const found = pathOfNotFinite(member, path === "" ? key : `${path}.${key}`);
    if (found !== null) return found;
  }
  return null;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (cause) {
    const marked = text.replace(STRING_OR_NOT_FINITE, (token) =>
      token.startsWith('"') ? token : JSON.stringify(NOT_FINITE + token),
    );
    try {
      if (marked !== text) return JSON.parse(marked) as unknown;
    } catch {
      // Not that alone: the first complaint is the true one.
    }
    return cause;
  }
}
