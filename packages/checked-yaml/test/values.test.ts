import { expect, it } from "vitest";
import { type Cursor, problemLine, readCheckedYaml } from "@kloros/checked-yaml";

function read<T>(value: string, reader: (cursor: Cursor) => T): T | string {
  const result = readCheckedYaml(`v: ${value}`, "f", (root) =>
    root.map((fields) => reader(fields.required("v"))),
  );
  return result.kind === "ok" ? result.value : result.problems.map(problemLine).join("\n");
}

it.each([
  ["500ms", 500],
  ["1.5s", 1500],
  ["15m", 900_000],
  ["7d", 604_800_000],
  ["0", 0],
])("the time span %s is %d milliseconds", (text, wanted) => {
  expect(read(text, (v) => v.duration())).toBe(wanted);
});

it("a number without a unit is no time span", () => {
  expect(read("15", (v) => v.duration({ min: 1000, max: 60_000 }))).toBe(
    "f:1:4: v must be a time span from 1s to 1m, such as 500ms, 30s, 15m, 2h, 7d (got 15)",
  );
});

it.each([
  ["1048576", 1_048_576],
  ["512MiB", 536_870_912],
  ["2GB", 2_000_000_000],
])("%s is %d bytes", (text, wanted) => {
  expect(read(text, (v) => v.bytes())).toBe(wanted);
});

it.each<[string, (v: Cursor) => unknown, string]>([
  ["1.5", (v) => v.integer(), "must be a whole number (got 1.5)"],
  ["9007199254740993", (v) => v.integer(), "must be a whole number"],
  ["7", (v) => v.integer({ max: 5 }), "must be a whole number of at most 5 (got 7)"],
  [".inf", (v) => v.number(), "must be a number (got Infinity)"],
  [".nan", (v) => v.scalar(), "must be a text, a finite number, or true or false (got NaN)"],
  ["'1'", (v) => v.number({ min: 0 }), 'must be a number of at least 0 (got "1")'],
  ["yes", (v) => v.boolean(), 'must be true or false (got "yes")'],
  ["12", (v) => v.string(), "must be a text (got 12); put it in quotes"],
  ["", (v) => v.string(), "must be a text (got nothing)"],
  ["''", (v) => v.string(), 'must be a text that is not empty (got "")'],
  ["abc", (v) => v.string({ max: 2 }), 'must be a text of at most 2 characters (got "abc")'],
  ["A", (v) => v.string({ pattern: /^a$/, form: "an a" }), 'must be an a (got "A")'],
  ["upp", (v) => v.oneOf(["up", "down"]), 'must be one of up, down (got "upp")'],
  ["{a: 1}", (v) => v.string(), "must be a text (got a mapping)"],
  ["3", (v) => v.list((item) => item.integer()), "must be a list (got 3)"],
  ["[]", (v) => v.list((item) => item.integer(), { min: 1 }), "must not be empty"],
  [
    "[1, 2]",
    (v) => v.list((item) => item.integer(), { max: 1 }),
    "must be a list with a length of at most 1 (got 2)",
  ],
  ["[1]", (v) => v.map(() => 0), "must be a mapping of names to values (got a list)"],
  ["-1", (v) => v.bytes(), "must be an amount of bytes, such as 1048576, 512MiB, 2GB (got -1)"],
])("the value %j is refused in words", (text, reader, wanted) => {
  expect(read(text, reader)).toContain(`v ${wanted}`);
});

it("a field left empty counts as left out", () => {
  const result = readCheckedYaml("a:\nb: null", "f", (root) =>
    root.map((fields) => [fields.optional("a")?.string(), fields.optional("b")?.integer() ?? 4]),
  );
  expect(result).toEqual({ kind: "ok", value: [undefined, 4] });
});

it("keys that are allowed need not be read", () => {
  const result = readCheckedYaml("a: 1", "f", (root) => root.map((fields) => fields.allow("a")));
  expect(result.kind).toBe("ok");
});
