/** Hysteresis, whatever values come. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judge, type Level, type Measured, type Standing, standingAt } from "../../src/health/level.ts";

const THRESHOLDS = { warning: { rise: 80, fall: 75 }, critical: { rise: 90, fall: 85 } };
const SUSTAIN_MS = 30;

interface Sample extends Measured {
  readonly afterMs: number;
}
const sample = fc.record({
  value: fc.integer({ min: 60, max: 100 }),
  exact: fc.constantFrom(true, true, false),
  afterMs: fc.integer({ min: 1, max: 40 }),
});

/** Levels after each sample. */
function run(samples: readonly Sample[], from: Level = "ok"): { level: Level; at: number; sample: Sample }[] {
  let standing: Standing = standingAt(from);
  let at = 0;
  return samples.map((one) => {
    at += one.afterMs;
    standing = judge(standing, one, THRESHOLDS, at, SUSTAIN_MS);
    return { level: standing.level, at, sample: one };
  });
}

describe("hysteresis", () => {
  it("never changes a level by values that stay between fall and rise", () => {
    const between = fc.record({
      value: fc.integer({ min: 76, max: 79 }),
      exact: fc.boolean(),
      afterMs: fc.nat(100),
    });
    fc.assert(
      fc.property(fc.array(between), fc.constantFrom<Level>("ok", "warning"), (samples, from) => {
        expect(run(samples, from).every(({ level }) => level === from)).toBe(true);
      }),
    );
  });

  it("changes a level only after the values have called for it all the time for as long as it says", () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 60 }), (samples) => {
        const steps = run(samples);
        steps.forEach(({ level, at }, index) => {
          const before = steps[index - 1]?.level ?? "ok";
          if (level === before) return;
          const recent = steps.slice(0, index + 1).filter((step) => at - step.at <= SUSTAIN_MS);
          const rose =
            ["ok", "warning", "critical"].indexOf(level) > ["ok", "warning", "critical"].indexOf(before);
          for (const { sample: one } of recent) {
            if (rose) expect(one.value).toBeGreaterThanOrEqual(level === "critical" ? 90 : 80);
            else expect(one.exact && one.value <= (before === "critical" ? 85 : 75)).toBe(true);
          }
        });
      }),
    );
  });

  it("never lowers a level by what is only known to be at least so much", () => {
    fc.assert(
      fc.property(fc.array(sample), (samples) => {
        const vague = samples.map((one) => ({ ...one, exact: false }));
        expect(run(vague, "critical").every(({ level }) => level === "critical")).toBe(true);
      }),
    );
  });

  it("reaches the level that lasting values call for", () => {
    const steady = (value: number): Sample[] =>
      Array.from({ length: 5 }, () => ({ value, exact: true, afterMs: 10 }));
    const levelOf = (...values: number[]): Level | undefined => run(values.flatMap(steady)).at(-1)?.level;
    expect([
      levelOf(79),
      levelOf(80),
      levelOf(90),
      levelOf(90, 86),
      levelOf(90, 85),
      levelOf(90, 75),
    ]).toEqual(["ok", "warning", "critical", "critical", "warning", "ok"]);
  });
});
