import { describe, expect, it } from "vitest";
import { RandomSource } from "../../src/search/random-source.ts";

const SAMPLES = 20_000;
const draw = <T>(next: () => T): T[] => Array.from({ length: SAMPLES }, next);
const mean = (numbers: readonly number[]) => numbers.reduce((sum, x) => sum + x, 0) / numbers.length;

describe("RandomSource", () => {
  it("gives the numbers of sfc32 as its author writes it down, for the same words", () => {
    const words = [0x9e3779b9, 0x243f6a88, 0xb7e15162, 0xdeadbeef] as const;
    const source = new RandomSource(words);
    const numbers = reference(words, 40);
    for (let pair = 0; pair < 20; pair++) {
      const [high, low] = [numbers[2 * pair]!, numbers[2 * pair + 1]!];
      expect(source.uniform()).toBe(((high >>> 11) * 2 ** 32 + low) / 2 ** 53);
    }
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

/** sfc32 in whole 32-bit words: the sum goes out, then the three words move on. */
function reference(words: readonly [number, number, number, number], count: number): number[] {
  const word = BigInt(2 ** 32);
  let [a, b, c, counter] = words.map(BigInt) as [bigint, bigint, bigint, bigint];
  return Array.from({ length: count }, () => {
    const sum = (a + b + counter) % word;
    counter = (counter + 1n) % word;
    a = b ^ (b >> 9n);
    b = (c + (c << 3n)) % word;
    c = ((((c << 21n) % word) | (c >> 11n)) + sum) % word;
    return Number(sum);
  });
}
