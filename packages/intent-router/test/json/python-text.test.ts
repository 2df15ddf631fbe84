import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { pythonFloat } from "../../src/json/python-float.ts";
import { pythonText } from "../../src/json/python-text.ts";
import { readJson } from "../../src/json/read-json.ts";
import { hasPython, pythonReprints } from "./python.ts";

/** JSON texts with everything that Python writes differently from JavaScript. */
const jsonText = fc.letrec<{ value: string; leaf: string; array: string; object: string }>((tie) => ({
  leaf: fc.oneof(
    fc.constantFrom(
      "null",
      "true",
      "false",
      "-0",
      "-0.0",
      "0.0",
      "1.0",
      "1e5",
      "1E+2",
      "1e16",
      "1e15",
      "123e-7",
      "5e-324",
    ),
    fc.constantFrom(
      "9007199254740993",
      "-123456789012345678901234567890",
      "0.1",
      "1e-4",
      "1e-5",
      "1.5e300",
      "2e-308",
    ),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((double) => JSON.stringify(double)),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((double) => double.toExponential()),
    fc.bigInt().map(String),
    fc.string({ unit: "binary" }).map((text) => JSON.stringify(text)),
    fc.string({ unit: "grapheme" }).map((text) => JSON.stringify(text)),
    fc.constantFrom('"\\ud83d"', '"\\uDE00x"', '"\\ud83d\\ude00"', '"\\u007f\\/\\b"', '"é ☃ 𝄞"'),
  ),
  array: fc.array(tie("value"), { maxLength: 4 }).map((items) => `[ ${items.join(" ,\n")} ]`),
  object: fc
    .uniqueArray(fc.tuple(fc.oneof(fc.string(), fc.nat(20).map(String)), tie("value")), {
      selector: ([key]) => key,
      maxLength: 4,
    })
    .filter((members) => members.every(([key]) => !["__proto__", "constructor", "prototype"].includes(key)))
    .map((members) => `{${members.map(([key, value]) => `${JSON.stringify(key)}\t:${value}`).join(",")}}`),
  value: fc.oneof({ maxDepth: 4 }, tie("leaf"), tie("array"), tie("object")),
})).value;

function reprint(text: string): string {
  const reading = readJson(text);
  if (reading.kind !== "value") throw new Error(JSON.stringify(reading));
  return pythonText(reading.value);
}

describe.skipIf(!hasPython)("the text that Python would print", () => {
  it("is, for any JSON document, letter for letter what python3 prints", () => {
    const texts = fc.sample(jsonText, { numRuns: 4000, seed: 20251115 });
    const expected = pythonReprints(texts);
    texts.forEach((text, index) => expect(reprint(text), text).toBe(expected[index]));
  });

  it("prints every kind of double as repr does", () => {
    const doubles = fc.sample(fc.double({ noNaN: true, noDefaultInfinity: true }), {
      numRuns: 4000,
      seed: 7,
    });
    const literals = [
      ...doubles.map((double) => double.toExponential(17)),
      "1e22",
      "1e23",
      "9.5e15",
      "99999999999999990.0",
    ];
    const expected = pythonReprints(literals);
    literals.forEach((literal, index) => expect(pythonFloat(literal)).toBe(expected[index]));
  });

  it("keeps the digits of an integer that no double holds", () => {
    expect(reprint("[12345678901234567890123]")).toBe("[\n  12345678901234567890123\n]");
  });
});
