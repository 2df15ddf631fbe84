import fc from "fast-check";
import { expect, it } from "vitest";
import { readResult } from "../../src/measure/read-result.ts";

it("takes the last line that is not empty, whatever stands before and after", () => {
  const ok = { kind: "ok", fitness: 0.5, metrics: { a: [1] } };
  expect(
    readResult('{"fitness": 1}\nnoise\r\n{"fitness": 0.5, "metrics": {"a": [1]}, "more": 1}\r\n\n  \n'),
  ).toEqual(ok);
  expect(readResult('{"fitness":-1e-3}')).toEqual({ kind: "ok", fitness: -0.001, metrics: {} });
});

it.each([
  ["", "NoResult"],
  [" \n\t\n", "NoResult"],
  ["fitness: 1", "InvalidResult"],
  ['{"fitness": 1} trailing', "InvalidResult"],
  ["[1]", "InvalidResult"],
  ["1", "InvalidResult"],
  ["null", "InvalidResult"],
  ["{}", "InvalidResult"],
  ['{"Fitness": 1}', "InvalidResult"],
  ['{"fitness": "1"}', "InvalidResult"],
  ['{"fitness": true}', "InvalidResult"],
  ['{"fitness": [1]}', "InvalidResult"],
  ['{"fitness": 1, "metrics": null}', "InvalidResult"],
  ['{"fitness": 1, "metrics": [1]}', "InvalidResult"],
  ['{"fitness": 1, "metrics": "NaN"', "InvalidResult"],
  [`{"fitness": 1, "metrics": {"a": ${"[".repeat(40)}${"]".repeat(40)}}}`, "InvalidResult"],
  [`{"fitness": 1, "metrics": {"a": "${"x".repeat(70_000)}"}}`, "InvalidResult"],
  ['{"fitness": NaN}', "NotFinite"],
  ['{"fitness":-Infinity}', "NotFinite"],
  ['{"fitness": 1, "metrics": {"loss": NaN}}', "NotFinite"],
  ['{"fitness": null}', "NotFinite"],
  ['{"fitness": 1e999}', "NotFinite"],
  ['{"fitness": 1, "metrics": {"a": [-1e999]}}', "NotFinite"],
])("%s is no number but %s", (stdout, type) => {
  expect(readResult(stdout)).toMatchObject({ kind: "failed", type });
});

it("reads back every finite fitness exactly, and never makes a number of anything else", () => {
  fc.assert(
    fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.string(), (fitness, noise) => {
      const line = JSON.stringify({ fitness, metrics: { noise } });
      expect(readResult(`${noise}\n${line}\n`)).toEqual({
        kind: "ok",
        fitness: fitness + 0,
        metrics: { noise },
      });
    }),
  );
  fc.assert(
    fc.property(fc.anything(), (value) => {
      const reading = readResult(JSON.stringify(value) ?? "");
      const isResult = typeof value === "object" && value !== null && "fitness" in value;
      if (!isResult) expect(reading.kind).toBe("failed");
      if (reading.kind === "ok") expect(Number.isFinite(reading.fitness)).toBe(true);
    }),
  );
});
