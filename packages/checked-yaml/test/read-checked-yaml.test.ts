import fc from "fast-check";
import { expect, it } from "vitest";
import { type Cursor, problemLine, readCheckedYaml } from "@kloros/checked-yaml";

const seed = (root: Cursor): number =>
  root.map((fields) => fields.optional("seed")?.integer({ min: 0 }) ?? 1);

/** The problems of `text`, as lines. */
function problemsOf(text: string, read: (root: Cursor) => unknown): string[] {
  const result = readCheckedYaml(text, "f.yaml", read);
  return result.kind === "ok" ? [] : result.problems.map(problemLine);
}

it("a file without mistakes is read as what it means", () => {
  expect(readCheckedYaml("seed: 7", "f.yaml", seed)).toEqual({ kind: "ok", value: 7 });
});

it.each(["", "# nothing yet\n", "---\n", "null"])("an empty file (%j) is an empty mapping", (text) => {
  expect(readCheckedYaml(text, "f.yaml", seed)).toEqual({ kind: "ok", value: 1 });
});

it("every mistake is told at once, in the order of the file, with path, line and column", () => {
  const text = [
    "seed: -3",
    "runs:",
    "  - name: a",
    "    limit: much",
    "  - limit: 3",
    "    nam: b",
    "extra: 1",
  ];
  const problems = problemsOf(text.join("\n"), (root) =>
    root.map((fields) => ({
      seed: fields.optional("seed")?.integer({ min: 0, max: 9 }),
      runs: fields
        .required("runs")
        .list((run) => run.map((of) => [of.required("name").string(), of.optional("limit")?.bytes()])),
    })),
  );
  expect(problems).toEqual([
    "f.yaml:1:7: seed must be a whole number from 0 to 9 (got -3)",
    'f.yaml:4:12: runs[0].limit must be an amount of bytes, such as 1048576, 512MiB, 2GB (got "much")',
    "f.yaml:5:5: runs[1] lacks name, which must be given",
    "f.yaml:6:5: runs[1].nam is not known here; did you mean name?",
    "f.yaml:7:1: extra is not known here; remove it, or use one of seed, runs",
  ]);
});

it("what stands in for a wrong value causes no further reports", () => {
  const read = (root: Cursor) =>
    root.map((fields) =>
      fields
        .required("a")
        .map((a) => [a.required("b").string(), a.required("c").list((item) => item.number())]),
    );
  expect(problemsOf("a: 3", read)).toEqual(["f.yaml:1:4: a must be a mapping of names to values (got 3)"]);
  expect(problemsOf("{}", read)).toEqual(["f.yaml:1:1: lacks a, which must be given"]);
});

it("a reader's own checks are reported where their value stands", () => {
  const problems = problemsOf("rule:\n  when: 1 +", (root) =>
    root.map((fields) =>
      fields.required("rule").map((rule) => {
        const when = rule.required("when");
        expect([when.line, when.column]).toEqual([2, 9]);
        if (when.string().endsWith("+")) when.problem("does not compile: something must follow +");
      }),
    ),
  );
  expect(problems).toEqual(["f.yaml:2:9: rule.when does not compile: something must follow +"]);
});

it("a mapping with free keys is read in its order, and its keys can be checked where they stand", () => {
  const read = (root: Cursor) =>
    root.entries((key, value) => [key.string({ pattern: /^[a-z]$/ }), value.value()]);
  expect(readCheckedYaml("b: [1, {x: null}]\na: yes", "f.yaml", read)).toEqual({
    kind: "ok",
    value: [
      ["b", [1, { x: null }]],
      ["a", "yes"],
    ],
  });
  expect(problemsOf("  a: 1\n  B b: 2", read)).toEqual([
    'f.yaml:2:3: ["B b"] must be a text that matches /^[a-z]$/ (got "B b")',
  ]);
});

it("the names of JavaScript's own members are keys like any other", () => {
  const read = (root: Cursor) => root.value();
  const result = readCheckedYaml("__proto__: {a: 1}\nconstructor: 2", "f.yaml", read);
  expect(result.kind === "ok" && Object.entries(result.value as object)).toEqual([
    ["__proto__", { a: 1 }],
    ["constructor", 2],
  ]);
  expect(problemsOf("__proto__: 1", seed)).toEqual([
    "f.yaml:1:1: __proto__ is not known here; remove it, or use one of seed",
  ]);
});

it.each([
  ["a: [1, 2", "is no valid YAML"],
  ["a:\n\t- 1", "is no valid YAML"],
  ["seed: !!js/function 1", "is no valid YAML"],
  ["seed: 1\n---\nseed: 2", "is no valid YAML"],
  ["- 1\n- 2", "f.yaml:1:1: must be a mapping of names to values (got a list)"],
  ["just words", 'f.yaml:1:1: must be a mapping of names to values (got "just words")'],
  ["[[a]]: 1", "is no valid YAML"],
  [`seed: &a {b: *a}`, "f.yaml:1:14: the alias *a contains itself; write the value out"],
  [`seed: ${"x".repeat(1024 * 1024)}`, "is larger than 1048576 bytes"],
  [`seed: ${"[".repeat(200_000)}`, "f.yaml:1:1: "],
])("what is no usable YAML is a problem and never thrown (%#)", (text, wanted) => {
  expect(problemsOf(text, seed).join("\n")).toContain(wanted);
});

it("doubled keys do not hide the other mistakes", () => {
  expect(problemsOf("seed: 1\nseed: 2\nsede: 3", seed)).toEqual([
    "f.yaml:2:1: the key seed stands twice in one mapping; remove one of them",
    "f.yaml:3:1: sede is not known here; remove it, or use one of seed",
  ]);
});

it("aliases that multiply without end are refused before anything walks them", () => {
  const levels = Array.from({ length: 12 }, (_, i) =>
    i === 0 ? "l0: &l0 [x, x]" : `l${i}: &l${i} [${`*l${i - 1},`.repeat(9)}]`,
  );
  expect(problemsOf(levels.join("\n"), (root) => root.value())).toEqual([
    "f.yaml:1:1: repeats too much through aliases; write the values out",
  ]);
  const many = Array.from({ length: 150 }, (_, i) => `a${i}: &a${i} 1\nb${i}: *a${i}`).join("\n");
  expect(problemsOf(many, (root) => root.value())).toHaveLength(1);
  const text = "a: &a {min: 1}\nb: *a";
  expect(problemsOf(text, (root) => root.value())).toEqual([]);
});

it("a file full of mistakes is told in a hundred lines", () => {
  const text = Array.from({ length: 5000 }, (_, i) => `k${i}: 1`).join("\n");
  const problems = problemsOf(text, seed);
  expect(problems).toHaveLength(101);
  expect(problems.at(-1)).toContain("more problems follow");
});

it("whatever the text, reading it ends with a value or with problems", () => {
  const word = fc.constantFrom(
    "a",
    ":",
    "\n",
    "  ",
    "- ",
    "{",
    "}",
    "[",
    "]",
    "&x ",
    "*x",
    "!!t ",
    "'",
    '"',
    "|\n",
    "?",
    "#",
    ",",
    "\t",
    "1e999",
    ".nan",
    "%",
    "---\n",
    "<<",
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 40 }), (words) => {
      const result = readCheckedYaml(words.join(""), "f.yaml", (root) => root.value());
      expect(result.kind === "ok" || result.problems.length > 0).toBe(true);
    }),
    { numRuns: 2000 },
  );
});
