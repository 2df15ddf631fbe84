/**
 * A JSON document that has lost nothing: numbers keep the text of the file, objects the order of their keys
 * (also of keys such as "10", which a plain object would move to the front).
 */
export class JsonNumber {
  /** As written in the file: `1.0`, `1e5`, `12345678901234567890`. */
  readonly literal: string;
  constructor(literal: string) {
    this.literal = literal;
  }
  /** True when Python reads it as an `int`: no fraction, no exponent. */
  get isWhole(): boolean {
    return /^-?\d+$/.test(this.literal);
  }
}

export type JsonObject = ReadonlyMap<string, JsonValue>;
export type JsonValue = null | boolean | string | JsonNumber | readonly JsonValue[] | JsonObject;

export function isJsonObject(value: JsonValue | undefined): value is JsonObject {
  return value instanceof Map;
}

/** The word for a value's type in messages: `a string`, `an object`. */
export function typeName(value: JsonValue | undefined): string {
  if (value === undefined) return "nothing";
  if (value === null) return "null";
  if (typeof value === "string") return "a string";
  if (typeof value === "boolean") return "a boolean";
  if (value instanceof JsonNumber) return "a number";
  return Array.isArray(value) ? "an array" : "an object";
}

/**
 * The value as plain JavaScript. An integer that a double cannot carry exactly becomes the string of its digits,
 * so that no digit is lost on the wire; `onInexact` hears of each, with its path.
 */
export function toPlain(
  value: JsonValue,
  onInexact?: (path: readonly (string | number)[], literal: string) => void,
  path: (string | number)[] = [],
): unknown {
  if (value instanceof JsonNumber) {
    const number = Number(value.literal);
    if (!value.isWhole || isExact(number, value.literal)) return number;
    onInexact?.(path, value.literal);
    return value.literal;
  }
  if (Array.isArray(value))
    return value.map((item: JsonValue, index) => toPlain(item, onInexact, [...path, index]));
  if (!isJsonObject(value)) return value;
  const plain: Record<string, unknown> = {};
  for (const [key, member] of value) plain[key] = toPlain(member, onInexact, [...path, key]);
  return plain;
}

/** The number says the same as the digits, or is printed with the same digits again (as JavaScript writes large doubles). */
function isExact(number: number, literal: string): boolean {
  if (Number.isSafeInteger(number) || String(number) === literal) return true;
  return Number.isFinite(number) && BigInt(number) === BigInt(literal);
}
