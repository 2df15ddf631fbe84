/**
 * The text that Python's `json.dumps(value, indent=2)` gives for a document that `json.loads` read: the form over which
 * the field's intent writers take their `sha256`. Keys stand in the order of the file, everything outside
 * printable ASCII is escaped, integers keep their digits, floats are printed by `repr`.
 *
 * @see test/json/python-text.test.ts, which compares it with a real python3
 */
import { isJsonObject, JsonNumber, type JsonValue } from "./json-value.ts";
import { pythonFloat } from "./python-float.ts";

const SHORT_ESCAPES: Readonly<Record<string, string>> = {
  '"': '\\"',
  "\\": "\\\\",
  "\n": "\\n",
  "\r": "\\r",
  "\t": "\\t",
  "\f": "\\f",
  "\b": "\\b",
};

/** `json.dumps(value, indent=2)`. */
export function pythonText(value: JsonValue, indent = ""): string {
  if (typeof value === "string") return pythonString(value);
  if (value instanceof JsonNumber) return pythonNumber(value);
  if (Array.isArray(value)) {
    return bracketed(
      "[",
      "]",
      value.map((item: JsonValue) => pythonText(item, `${indent}  `)),
      indent,
    );
  }
  if (!isJsonObject(value)) return JSON.stringify(value);
  const members = Array.from(
    value,
    ([key, member]) => `${pythonString(key)}: ${pythonText(member, `${indent}  `)}`,
  );
  return bracketed("{", "}", members, indent);
}

/** A number as Python prints it again; also the canonical form of a number here. */
export function pythonNumber(number: JsonNumber): string {
  if (!number.isWhole) return pythonFloat(number.literal);
  return number.literal === "-0" ? "0" : number.literal;
}

function bracketed(open: string, close: string, lines: readonly string[], indent: string): string {
  if (lines.length === 0) return open + close;
  return `${open}\n${lines.map((line) => `${indent}  ${line}`).join(",\n")}\n${indent}${close}`;
}

function pythonString(text: string): string {
  const escaped = text.replace(/["\\]|[^ -~]/g, (unit) => {
    return SHORT_ESCAPES[unit] ?? `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
  return `"${escaped}"`;
}
