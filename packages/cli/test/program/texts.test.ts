import { describe, expect, test } from "vitest";
import { abbreviate } from "../../src/program/abbreviate.ts";
import { nameMatcher } from "../../src/program/globs.ts";
import { formatDuration, parseDuration, parseSince } from "../../src/program/moments.ts";
import { paintFor, printable } from "../../src/program/paint.ts";

test("durations are read with their unit, bare numbers as seconds", () => {
  expect(["250ms", "1.5s", "90", "5m", "2h", "1d"].map(parseDuration)).toEqual([
    250, 1_500, 90_000, 300_000, 7_200_000, 86_400_000,
  ]);
  expect(() => parseDuration("soon")).toThrow("not a duration");
});

test("a moment is a duration back or a timestamp", () => {
  expect(parseSince("10m", 1_000_000)).toBe(400_000);
  expect(parseSince("2026-01-01T00:00:00Z", 0)).toBe(Date.UTC(2026, 0, 1));
  expect(() => parseSince("yesterday-ish", 0)).toThrow("not a time");
});

test("durations are written as people say them", () => {
  expect([0.4, 12, 1_240, 59_940, 192_000, 7_500_000, 356_400_000].map(formatDuration)).toEqual([
    "0ms",
    "12ms",
    "1.24s",
    "59.9s",
    "3m12s",
    "2h05m",
    "4d03h",
  ]);
});

describe("names and patterns", () => {
  test.each([
    ["Q_DREAM_*", "Q_DREAM_TRIGGER", true],
    ["Q_DREAM", "Q_DREAM_TRIGGER", false],
    ["Q_*_FAILED", "Q_DREAM_FAILED", true],
    ["Q_DREAM.*", "Q_DREAM_TRIGGER", false],
    ["Q_?_X", "Q_A_X", true],
  ])("%s against %s: %s", (pattern, name, expected) => {
    expect(nameMatcher([pattern])(name)).toBe(expected);
  });
});

test("facts are abbreviated to one line", () => {
  const facts = {
    question_id: "discover.module.audio",
    question: "what is\nit?",
    evidence: ["a", "b"],
    one: ["x"],
    nested: { a: 1 },
    n: null,
  };
  expect(abbreviate(facts, 200)).toBe(
    'question_id=discover.module.audio question="what is\\x0ait?" evidence=["a","b"] one=["x"] nested={"a":1} n=null',
  );
  expect(abbreviate(facts, 20)).toHaveLength(20);
});

test("text of others cannot move the cursor", () => {
  expect(printable("a\u001b[2Jb\u009b\u202e\n")).toBe("a\\x1b[2Jb\\x9b\\u202e\\x0a");
});

test("there is no colour off a terminal or with NO_COLOR", () => {
  expect(paintFor({ isTTY: false }).red("x")).toBe("x");
  const before = process.env["NO_COLOR"];
  process.env["NO_COLOR"] = "1";
  expect(paintFor({ isTTY: true }).red("x")).toBe("x");
  if (before === undefined) delete process.env["NO_COLOR"];
  else process.env["NO_COLOR"] = before;
});
