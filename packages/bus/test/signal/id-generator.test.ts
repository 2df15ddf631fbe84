import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { UUID } from "../../src/signal/envelope-fields.ts";
import { createIdGenerator, idTimeMs, traceparentOf } from "../../src/signal/id-generator.ts";

const NOW = 1_763_202_600_123;

describe("an id", () => {
  it("is a UUIDv7 of the current millisecond", () => {
    const id = createIdGenerator({ now: () => NOW })();
    expect(id).toMatch(UUID);
    expect(id).toMatch(/^.{14}7.{4}[89ab]/);
    expect(idTimeMs(id)).toBe(NOW);
  });

  it("is greater than every id before it, however the clock jumps", () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: -5000, max: 5000 }), { minLength: 2, maxLength: 200 }),
        (jumps) => {
          let clock = NOW;
          const next = createIdGenerator({ now: () => clock });
          const ids = jumps.map((jump) => {
            clock += jump;
            return next();
          });
          expect(ids).toEqual([...new Set(ids)].sort());
        },
      ),
    );
  });

  it("stays in order within one millisecond, for more ids than a random pool holds", () => {
    const next = createIdGenerator({ now: () => NOW });
    const ids = Array.from({ length: 50_000 }, next);
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids.every((id, n) => n === 0 || id > ids[n - 1]!)).toBe(true);
  });

  it("is later than the floor, even when the clock is behind it", () => {
    const next = createIdGenerator({ now: () => NOW - 60_000, lastMs: NOW });
    expect(idTimeMs(next())).toBe(NOW + 1);
  });

  it("differs between two generators in the same millisecond", () => {
    const now = () => NOW;
    expect(createIdGenerator({ now })()).not.toBe(createIdGenerator({ now })());
  });
});

describe("a traceparent", () => {
  it("names the story as trace and the signal as span", () => {
    const trace = traceparentOf(
      "0199d2a4-7a00-7000-8000-00000000000a",
      "0199d2a4-7a00-7000-8123-00000000000b",
    );
    expect(trace).toBe("00-0199d2a47a007000800000000000000a-812300000000000b-01");
  });
});
