/** The small parts of the protocol core against models that are too simple to be wrong. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { backoffDelayMs } from "../../src/protocol/backoff.ts";
import { Deque } from "../../src/protocol/deque.ts";
import { FloodGuard } from "../../src/protocol/flood.ts";

describe("the deque", () => {
  it("behaves as an array does, through any number of shifts", () => {
    const step = fc.oneof(
      { weight: 4, arbitrary: fc.record({ do: fc.constant("push"), n: fc.nat(9) }) },
      { weight: 3, arbitrary: fc.record({ do: fc.constant("shift"), n: fc.nat(9) }) },
      fc.record({ do: fc.constantFrom("unshift", "remove", "many"), n: fc.nat(9) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const deque = new Deque<number>();
        let model: number[] = [];
        for (const { do: what, n } of steps) {
          if (what === "push") {
            deque.push(n);
            model.push(n);
          } else if (what === "unshift") {
            deque.unshift(n);
            model.unshift(n);
          } else if (what === "shift") {
            expect(deque.shift()).toBe(model.shift());
          } else if (what === "remove") {
            const kept = model.filter((item) => item !== n);
            expect(deque.removeIf((item) => item === n)).toBe(model.length - kept.length);
            model = kept;
          } else {
            // Past the point where the list is copied down.
            for (let i = 0; i < 2_500; i++) deque.push(i);
            for (let i = 0; i < 2_500; i++) model.push(i);
            for (let i = 0; i < 2_000; i++) expect(deque.shift()).toBe(model.shift());
          }
          expect([deque.length, deque.peek()]).toEqual([model.length, model[0]]);
          expect(deque.count((item) => item === n)).toBe(model.filter((item) => item === n).length);
        }
      }),
      { numRuns: 60 },
    );
  });
});

describe("backoff", () => {
  it("waits at least half the full delay and at most the maximum, and never less than before on the average", () => {
    const policy = fc.record({
      baseDelayMs: fc.integer({ min: 1, max: 10_000 }),
      maxDelayMs: fc.integer({ min: 1, max: 10 ** 7 }),
    });
    const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });
    fc.assert(
      fc.property(policy, fc.integer({ min: 1, max: 10_000 }), random, (limits, attempt, luck) => {
        const delay = backoffDelayMs(attempt, limits, luck);
        expect(delay).toBeLessThanOrEqual(limits.maxDelayMs);
        expect(delay).toBeGreaterThanOrEqual(Math.floor(Math.min(limits.baseDelayMs, limits.maxDelayMs) / 2));
        expect(backoffDelayMs(attempt + 1, limits, luck)).toBeGreaterThanOrEqual(delay);
        expect(Number.isSafeInteger(delay)).toBe(true);
      }),
    );
  });
});

describe("the flood guard", () => {
  const limits = { floodFailures: 5, floodWindowMs: 1_000, floodPauseMs: 100, floodPauseMaxMs: 1_600 };

  it("pauses at the limit and not before, then at each further failure, longer and longer up to the maximum", () => {
    const guard = new FloodGuard(limits);
    for (let i = 1; i < 5; i++) expect(guard.onDeadLetter("cause", i)).toEqual({ kind: "go_on" });
    const pauses = [10, 20, 30, 40, 50, 60].map((now) => {
      const verdict = guard.onDeadLetter("cause", now);
      return verdict.kind === "pause" ? verdict.untilMs - now : 0;
    });
    expect(pauses).toEqual([100, 200, 400, 800, 1_600, 1_600]);
    guard.onHandled();
    expect(guard.onDeadLetter("cause", 70)).toEqual({ kind: "go_on" });
  });

  it("counts only failures of one cause within the window, in any order of causes and with a clock that jumps", () => {
    const failure = fc.record({ cause: fc.constantFrom("a", "b", "c"), at: fc.nat(10_000) });
    fc.assert(
      fc.property(fc.array(failure, { maxLength: 80 }), (failures) => {
        const guard = new FloodGuard(limits);
        const seen: typeof failures = [];
        for (const one of failures) {
          seen.push(one);
          const alike = seen.filter(
            ({ cause, at }) => cause === one.cause && Math.abs(at - one.at) <= limits.floodWindowMs,
          );
          const verdict = guard.onDeadLetter(one.cause, one.at);
          if (verdict.kind === "go_on") continue;
          expect(alike.length).toBeGreaterThanOrEqual(limits.floodFailures);
          return;
        }
      }),
    );
  });
});
