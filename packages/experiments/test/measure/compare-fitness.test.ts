import fc from "fast-check";
import { expect, it } from "vitest";
import { better, compareFitness, median } from "../../src/index.ts";

const numbers = (max = 7) => fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 1, maxLength: max });

it("all of ours above all of theirs: as unlikely by luck as there are ways to share them out", () => {
  expect(compareFitness([6, 7, 8, 9, 10], [1, 2, 3, 4, 5], "up")).toEqual({
    improvement: 5,
    p_value: 1 / 252,
  });
  expect(compareFitness([1, 2, 3, 4, 5], [6, 7, 8, 9, 10], "up")).toEqual({ improvement: -5, p_value: 1 });
  expect(compareFitness([1, 2, 3, 4, 5], [6, 7, 8, 9, 10], "down")).toEqual({
    improvement: 5,
    p_value: 1 / 252,
  });
});

it("where nothing varies, the difference alone decides", () => {
  expect(compareFitness([2, 2, 2], [1, 1], "up")).toEqual({ improvement: 1, p_value: 0 });
  expect(compareFitness([1], [1], "up")).toEqual({ improvement: 0, p_value: 1 });
  expect(compareFitness([2], [1], "down")).toEqual({ improvement: -1, p_value: 1 });
});

it("one disturbed measurement does not decide", () => {
  const { improvement, p_value } = compareFitness([10, 11, 12, 13, -1_000], [1, 2, 3, 4, 5], "up");
  expect(improvement).toBe(8);
  expect(p_value).toBeLessThan(0.1);
});

it("noise of the same kind on both sides is called an improvement about as often as p says", () => {
  let state = 1;
  const random = () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
  const draw = () => Array.from({ length: 6 }, random);
  let called = 0;
  for (let trial = 0; trial < 1_000; trial++)
    if (compareFitness(draw(), draw(), "up").p_value <= 0.05) called++;
  expect(called).toBeGreaterThan(20);
  expect(called).toBeLessThan(75);
});

it("many measurements are sampled, with the same answer each time and close to the exact one", () => {
  const ours = Array.from({ length: 30 }, (_, n) => n + 4);
  const theirs = Array.from({ length: 30 }, (_, n) => n);
  const first = compareFitness(ours, theirs, "up");
  expect(compareFitness(ours, theirs, "up")).toEqual(first);
  expect(first.p_value).toBeGreaterThan(0.02);
  expect(first.p_value).toBeLessThan(0.09);
  expect(
    compareFitness(
      ours.map((n) => n + 100),
      theirs,
      "up",
    ).p_value,
  ).toBeLessThan(0.001);
});

it("p is a share, order does not matter, and mirroring the fitness mirrors the direction", () => {
  fc.assert(
    fc.property(numbers(), numbers(), (ours, theirs) => {
      const up = compareFitness(ours, theirs, "up");
      expect(up.p_value).toBeGreaterThanOrEqual(0);
      expect(up.p_value).toBeLessThanOrEqual(1);
      expect(compareFitness([...ours].reverse(), theirs, "up")).toEqual(up);
      const mirrored = compareFitness(
        ours.map((n) => -n),
        theirs.map((n) => -n),
        "down",
      );
      expect(mirrored).toEqual(up);
    }),
  );
});

it("making ours better never makes luck likelier", () => {
  fc.assert(
    fc.property(numbers(), numbers(), fc.integer({ min: 0, max: 30 }), (ours, theirs, gain) => {
      const now = compareFitness(ours, theirs, "up").p_value;
      expect(
        compareFitness(
          ours.map((n) => n + gain),
          theirs,
          "up",
        ).p_value,
      ).toBeLessThanOrEqual(now);
    }),
  );
});

it("refuses what cannot be compared", () => {
  expect(() => compareFitness([], [1], "up")).toThrow(RangeError);
  expect(() => compareFitness([Number.NaN], [1], "up")).toThrow(RangeError);
});

it("equal is not better, and the median is in the middle without overflow", () => {
  expect([better("up", 2, 1), better("up", 1, 1), better("down", 1, 2), better("down", 2, 1)]).toEqual([
    true,
    false,
    true,
    false,
  ]);
  expect([median([3, 1, 2]), median([4, 1, 2, 3]), median([1.7e308, 1.7e308])]).toEqual([2, 2.5, 1.7e308]);
});
