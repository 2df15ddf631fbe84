import { expect, it } from "vitest";
import { canonicalParams, isActive, paramsProblems, type SearchSpace } from "@kloros/experiments";

const SPACE: SearchSpace = new Map([
  ["codec", { type: "choice", values: ["brotli", "deflate"], when: null }],
  ["fast", { type: "bool", when: { param: "codec", values: ["deflate"] } }],
  ["level", { type: "int", min: 1, max: 9, log: false, when: { param: "fast", values: [false] } }],
  ["rate", { type: "real", min: 0, max: 1, log: false, when: null }],
]);

it("a point has the parameters that are active, within their ranges, and no others", () => {
  expect(paramsProblems(SPACE, { codec: "brotli", rate: 1 })).toEqual([]);
  expect(paramsProblems(SPACE, { rate: 0, level: 9, fast: false, codec: "deflate" })).toEqual([]);
});

it("every problem of a point is told", () => {
  expect(paramsProblems(SPACE, { codec: "zip", level: 3, rate: 2, lvel: 1 })).toEqual([
    'codec must be one of "brotli", "deflate" (got "zip")',
    "level must be left out: it exists only where fast is false",
    "rate must be a number from 0 to 1 (got 2)",
    "lvel is no parameter of the search space; did you mean level?",
  ]);
  expect(paramsProblems(SPACE, { codec: "deflate", fast: 1, rate: "1" })).toEqual([
    "fast must be true or false (got 1)",
    'rate must be a number from 0 to 1 (got "1")',
  ]);
  expect(paramsProblems(SPACE, { codec: "deflate", fast: false, level: 1.5, rate: NaN })).toEqual([
    "level must be a whole number from 1 to 9 (got 1.5)",
    "rate must be a number from 0 to 1 (got null)",
  ]);
});

it.each([null, 3, "x", []])("%j is no point at all", (value) => {
  expect(paramsProblems(SPACE, value)).toHaveLength(1);
});

it("a parameter below an inactive one is inactive too, even where a stale value stands", () => {
  const stale = { codec: "brotli", fast: false, level: 3, rate: 0.5, more: 1 };
  expect(canonicalParams(SPACE, stale)).toEqual({ codec: "brotli", rate: 0.5 });
  expect(isActive(SPACE.get("level")!, { codec: "brotli", rate: 0.5 })).toBe(false);
});

it("equal points have equal JSON", () => {
  const [one, other] = [
    { rate: 0.5, level: 3, fast: false, codec: "deflate" },
    { codec: "deflate", fast: false, level: 3, rate: 0.5 },
  ];
  expect(JSON.stringify(canonicalParams(SPACE, one))).toBe(JSON.stringify(canonicalParams(SPACE, other)));
});

it("names of JavaScript's own members are no parameters", () => {
  const space: SearchSpace = new Map([["constructor", { type: "bool", when: null }]]);
  expect(canonicalParams(space, {})).toEqual({});
  expect(paramsProblems(space, {})).toEqual(["constructor is missing; it must be true or false"]);
});
