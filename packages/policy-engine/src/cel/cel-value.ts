/** JSON as CEL sees it, and back. Whole numbers are CEL integers (bigint); nothing here follows a value deeper than its limits. Pure. */

/** Deeper values are not converted: no contract comes near, and a signal may be nested 64 deep with what is around them. */
const MAX_DEPTH = 40;
/** Values in one result; a signal of a megabyte has fewer. */
const MAX_NODES = 100_000;
/** Characters in all texts of one result: a signal holds a megabyte. */
const MAX_CHARACTERS = 1_048_576;

/** A JSON value for an expression. */
export function toCel(value: unknown, depth = 0): unknown {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map((item) => toCel(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toCel(item, depth + 1)]));
}

/**
 * What an expression gave, as JSON; timestamps as RFC 3339.
 * @throws {RangeError} it has no JSON form, or is too large to become one
 */
export function fromCel(value: unknown): unknown {
  return converter()(value, 0);
}

function converter(): (value: unknown, depth: number) => unknown {
  let nodes = 0;
  let characters = 0;
  const text = (value: string): string => {
    characters += value.length;
    if (characters > MAX_CHARACTERS)
      throw new RangeError(`the value is longer than ${MAX_CHARACTERS} characters`);
    return value;
  };
  return function convert(value, depth): unknown {
    if (++nodes > MAX_NODES) throw new RangeError(`the value has more than ${MAX_NODES} parts`);
    if (depth > MAX_DEPTH) throw new RangeError(`the value is nested more than ${MAX_DEPTH} deep`);
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "string") return text(value);
    if (typeof value === "bigint") return safeInteger(value);
    if (typeof value === "number") return finite(value);
    if (value instanceof Date) return value.toISOString();
    if (Array.isArray(value)) return value.map((item) => convert(item, depth + 1));
    if (value instanceof Map)
      return Object.fromEntries(
        [...value].map(([key, item]) => [text(String(key)), convert(item, depth + 1)]),
      );
    if (isPlain(value))
      return Object.fromEntries(
        Object.entries(value).map(([key, item]) => [text(key), convert(item, depth + 1)]),
      );
    throw new RangeError("the value is neither a text, a number, true or false, null, a list nor a map");
  };
}

function safeInteger(value: bigint): number {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new RangeError(`${value} is too large a number`);
  return number;
}

function finite(value: number): number {
  if (!Number.isFinite(value)) throw new RangeError(`${value} is no finite number`);
  return value;
}

function isPlain(value: unknown): value is Record<string, unknown> {
  if (typeof value !== "object" || value === null) return false;
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
