import { expect, it } from "vitest";
import { fillCommand, PlaceholderMissingError, placeholderProblems } from "../src/index.ts";

it("fills in placeholders anywhere in a word, and never splits one", () => {
  const filled = fillCommand(["{node}", "--in={work}/a", "{seed}{seed}"], {
    node: "/n o/node",
    work: "/w",
    seed: "7",
  });
  expect(filled).toEqual(["/n o/node", "--in=/w/a", "77"]);
});

it("leaves other braces alone, and does not look into values again", () => {
  const word = '{"a": {"b": 1}} {A} {} ${x_1}';
  expect(fillCommand([word, "{work}"], { work: "{seed}" })).toEqual([word, "{seed}"]);
  expect(placeholderProblems(word, "evaluator")).toEqual([]);
});

it("a placeholder without a value is an error that names it", () => {
  expect(() => fillCommand(["{artifact}"], {})).toThrow(PlaceholderMissingError);
  expect(() => fillCommand(["{constructor}"], {})).toThrow(
    '{constructor} in "{constructor}" has no value here',
  );
});

it("says which placeholders a command may have", () => {
  expect(placeholderProblems("{version}", "evaluator")).toEqual([
    expect.stringMatching(/^\{version\} means nothing here; use .*\{seed\}/),
  ]);
  expect(placeholderProblems("{version}{current}", "validate")).toEqual([]);
  expect(placeholderProblems("{seed}{nothing}", "probation")).toHaveLength(2);
});
