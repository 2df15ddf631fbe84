import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toPlain } from "../../src/json/json-value.ts";
import { MAX_DEPTH, readJson } from "../../src/json/read-json.ts";
import { MAX_PROBLEMS_REPORTED } from "../../src/problem.ts";

function refusals(text: string): readonly string[] {
  const reading = readJson(text);
  return reading.kind === "refused"
    ? reading.problems.map(({ path, message }) => `${path}: ${message}`)
    : [reading.kind];
}

describe("the JSON reader", () => {
  it("reads whatever JSON.stringify writes, to the same value", () => {
    fc.assert(
      fc.property(fc.jsonValue({ stringUnit: "binary" }), fc.constantFrom(undefined, 2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        const reading = readJson(text);
        if (reading.kind === "refused") return; // a prototype key by chance
        if (reading.kind !== "value") throw new Error(reading.problem.message);
        expect(toPlain(reading.value)).toEqual(JSON.parse(text));
      }),
      { numRuns: 1000 },
    );
  });

  it("carries integers as numbers when no digit is lost by it, else as the string of their digits", () => {
    const plain = (text: string): unknown => {
      const reading = readJson(text);
      return reading.kind === "value" ? toPlain(reading.value) : reading.kind;
    };
    expect(plain("[9007199254740993, 1763200000123456789]")).toEqual([
      "9007199254740993",
      "1763200000123456789",
    ]);
    expect(plain(`[${2 ** 53}, ${2 ** 60}, 1152921504606846976, -0]`)).toEqual([
      2 ** 53,
      2 ** 60,
      2 ** 60,
      -0,
    ]);
    expect(plain(`[${"9".repeat(400)}]`)).toEqual(["9".repeat(400)]);
  });

  it("parses exactly the texts that JSON.parse parses", () => {
    const pieces = fc.constantFrom(
      "{",
      "}",
      "[",
      "]",
      ",",
      ":",
      '"',
      '"a"',
      "\\",
      "1",
      "-",
      ".",
      "e",
      "0",
      "true",
      "nul",
      " ",
      "\n",
      "\u0001",
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 8 }), (parts) => {
        const text = parts.join("");
        const parses = (() => {
          try {
            JSON.parse(text);
            return true;
          } catch {
            return false;
          }
        })();
        const reading = readJson(text);
        const refusedForDuplicates = reading.kind === "refused";
        expect(reading.kind !== "unparsable").toBe(parses || refusedForDuplicates);
      }),
      { numRuns: 5000 },
    );
  });

  it("calls every proper beginning of an object unparsable, so that half-written files are waited for", () => {
    const text = '{"type": "discover.module.é", "data": {"n": [1.5e3, true, null, "\\u00e9"]}}';
    for (let length = 0; length < text.length; length++)
      expect(readJson(text.slice(0, length)).kind).toBe("unparsable");
    expect(readJson(text).kind).toBe("value");
  });

  it("keeps keys in the order of the file, also those that look like numbers", () => {
    const reading = readJson('{"b":1,"10":2,"a":3,"2":4}');
    expect(reading.kind === "value" && [...(reading.value as Map<string, unknown>).keys()]).toEqual([
      "b",
      "10",
      "a",
      "2",
    ]);
  });

  it("names every key that stands twice, wherever it is", () => {
    expect(refusals('{"a":1,"b":[{"c":1,"c":2}],"a":3}')).toEqual([
      "b[0].c: stands twice in the same object; keep one",
      "a: stands twice in the same object; keep one",
    ]);
  });

  it.each(["__proto__", "constructor", "prototype"])("refuses the key %s at any depth", (key) => {
    expect(refusals(`{"data":{${JSON.stringify(key)}:{}}}`)).toEqual([
      `data.${key}: is a key that could reach a prototype; rename it`,
    ]);
    expect(refusals(`{"\\u005f_proto__":1}`)[0]).toContain("prototype");
  });

  it.each(["NaN", "Infinity", "-Infinity"])("refuses %s by its place", (word) => {
    expect(refusals(`{"data":{"x":${word}}}`)).toEqual([
      `data.x: is ${word}, which is not JSON; write null or leave it out`,
    ]);
  });

  it("refuses a number that no double can hold and one that Python would not read", () => {
    expect(refusals('{"x":1e400}')).toEqual(["x: is 1e400, which is beyond the range of a double"]);
    expect(refusals(`{"x":${"9".repeat(4301)}}`)).toEqual(["x: is a number of more than 4300 characters"]);
  });

  it("takes nesting up to its limit, and refuses more without falling off the stack", () => {
    const nested = (depth: number): string => "[".repeat(depth) + "]".repeat(depth);
    expect(readJson(nested(MAX_DEPTH)).kind).toBe("value");
    expect(refusals(nested(MAX_DEPTH + 1))[0]).toContain("nested deeper than 64 levels");
    expect(refusals(`{"a":${"[".repeat(500_000)}`)[0]).toContain("nested deeper than 64 levels");
    expect(refusals('{"a":'.repeat(150_000))[0]).toContain("nested deeper than 64 levels");
  });

  it("lists a bounded number of problems and says how many more there are", () => {
    const reported = refusals(`{${Array.from({ length: 50_000 }, () => '"a":1').join(",")}}`);
    expect(reported).toHaveLength(MAX_PROBLEMS_REPORTED + 1);
    expect(reported.at(-1)).toBe(": has 49979 more problems like these");
  });

  it("says line and column of what is not JSON", () => {
    const reading = readJson('{\n  "a": 1,\n  b: 2\n}');
    expect(reading.kind === "unparsable" && reading.problem.message).toBe(
      "is not JSON at line 3, column 3: it needs a key in double quotes",
    );
  });
});
