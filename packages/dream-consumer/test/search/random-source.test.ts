import { describe, expect, it } from "vitest";
import { RandomSource } from "../../src/search/random-source.ts";

const SAMPLES = 20_000;
const draw = <T>(next: () => T): T[] => Array.from({ length: SAMPLES }, next);
const mean = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

describe("RandomSource", () => {
  it("gives the numbers of sfc32 as its author publishes them, for the same words", () => {
    // First outputs of PractRand's sfc32 for the state (1, 2, 3, 4), the low words of two 32-bit outputs.
    const source = new RandomSource([1, 2, 3, 4]);
    const [first, second] = [reference(1, 2, 3, 4), reference(1, 2, 3, 4, 1)];
    expect(source.uniform()).toBe(((first >>> 11) * 2 ** 32 + second) / 2 ** 53);
  });

  it("goes on from its state with the numbers it would have drawn", () => {
    const source = RandomSource.seeded(42);
    source.gaussian();
    const copy = new RandomSource(source.state);
    expect(draw(() => copy.uniform())).toEqual(draw(() => source.uniform()));
  });

  it("gives other numbers for other seeds, also beyond 32 bits", () => {
    const firsts = [0, 1, 2, 2 ** 31 - 1, 2 ** 32, 2 ** 40].map((seed) =>
      RandomSource.seeded(seed).uniform(),
    );
    expect(new Set(firsts).size).toBe(firsts.length);
  });

  it("is even, normal where it should be, and within its bounds", () => {
    const source = RandomSource.seeded(7);
    const uniform = draw(() => source.uniform());
    expect(Math.min(...uniform) >= 0 && Math.max(...uniform) < 1).toBe(true);
    expect(mean(uniform)).toBeCloseTo(0.5, 1);
    const normal = draw(() => source.gaussian());
    expect(Math.abs(mean(normal))).toBeLessThan(0.03);
    expect(mean(normal.map((x) => x * x))).toBeCloseTo(1, 1);
    const dice = draw(() => source.whole(6));
    for (let face = 0; face < 6; face++)
      expect(dice.filter((value) => value === face).length / SAMPLES).toBeCloseTo(1 / 6, 1);
    expect(draw(() => source.seed()).every((seed) => seed >= 0 && seed < 2 ** 31)).toBe(true);
  });
});

/** Output number `skip` of sfc32, word by word as in the paper: sum, then the three words move on. */
function reference(a: number, b: number, c: number, counter: number, skip = 0): number {
  const words = new Uint32Array([a, b, c, counter]);
  let sum = new Uint32Array(1);
  for (let round = 0; round <= skip; round++) {
    sum = new Uint32Array([words[0]! + words[1]! + words[3]!]);
    words[3] = words[3]! + 1;
    words[0] = words[1]! ^ (words[1]! >>> 9);
    words[1] = words[2]! + (words[2]! << 3);
    words[2] = ((words[2]! << 21) | (words[2]! >>> 11)) + sum[0]!;
  }
  return sum[0]!;
}
