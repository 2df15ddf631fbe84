import { describe, expect, it } from "vitest";
import { ClockJumps } from "../../src/health/clock-jumps.ts";

const START = { wallMs: 1_000_000, bootMs: 500 };
const later = (ms: number, jumpMs = 0) => ({ wallMs: START.wallMs + ms + jumpMs, bootMs: START.bootMs + ms });

describe("a clock that is set", () => {
  it("forward or back is told once, and not what passes meanwhile, be it asleep", () => {
    const jumps = new ClockJumps(5_000, null, START);
    expect(jumps.look(START)).toBeNull();
    expect(jumps.look(later(86_400_000))).toBeNull();
    expect(jumps.look(later(86_401_000, 3_600_000))).toBe(3_600_000);
    expect(jumps.look(later(86_402_000, 3_600_000))).toBeNull();
    expect(jumps.look(later(86_403_000, -60_000))).toBe(-3_660_000);
    expect(jumps.look(later(86_404_000, -60_000))).toBeNull();
  });

  it("a little at a time, as a time service does, is not told", () => {
    const jumps = new ClockJumps(5_000, null, START);
    for (let n = 0; n < 100; n++) expect(jumps.look(later(n * 15_000, n * 1_000))).toBeNull();
  });

  it("back between two processes is told, forward looks like time that has passed", () => {
    expect(new ClockJumps(5_000, START.wallMs + 60_000, START).look(START)).toBe(-60_000);
    expect(new ClockJumps(5_000, START.wallMs - 60_000, START).look(START)).toBeNull();
  });
});
