import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Point } from "../../src/picture/curve.ts";
import { type FitnessPicture, fitnessSvg } from "../../src/picture/fitness-svg.ts";
import { axis } from "../../src/picture/ticks.ts";

function picture(points: readonly Point[], changes: Partial<FitnessPicture> = {}): string {
  return fitnessSvg({ title: "t", subtitle: "s", direction: "up", points, incumbent: null, ...changes });
}

function points(fitnesses: readonly (number | null)[], perGeneration = 6): Point[] {
  return fitnesses.map((fitness, index) => ({
    candidate_id: `c${index}`,
    generation: Math.floor(index / perGeneration),
    fitness,
  }));
}

describe("the picture of a cycle", () => {
  it("has a dot for each candidate, a cross for each failure, steps of the best and a line for what is in use", () => {
    const svg = picture(points([1, null, 3, 2, null, 5, 4]), {
      incumbent: { label: "in use: v1", fitness: 2 },
    });
    expect(svg.match(/<circle class="dot"/g)).toHaveLength(5 + 1); // One of them explains the others.
    expect(svg).toContain("failed: 2");
    expect(svg.match(/m0 -6l-6 6/g)).toHaveLength(2 + 1);
    expect(svg).toMatch(/<path class="best" d="M[\d.]+ [\d.]+(H[\d.]+V[\d.]+){2}H836"/);
    expect(svg).toContain(">in use: v1</text>");
    expect(svg).toContain("prefers-color-scheme:dark");
  });

  it("says so when there are no candidates, and survives a single one", () => {
    expect(picture([])).toContain("no candidates");
    expect(picture(points([0]))).toContain('class="champion"');
    expect(picture(points([null]))).not.toContain('class="champion"');
  });

  it("stays small and legible with a hundred thousand candidates and outliers", () => {
    const many = points(
      Array.from({ length: 100_000 }, (_, index) => (index % 977 === 0 ? -1e12 : index % 7)),
    );
    const svg = picture(many);
    expect(svg.length).toBeLessThan(400_000);
    expect(svg).toContain("2000 of 100000 drawn");
    expect(svg).not.toContain("e12");
  });

  it("is well-formed whatever names and numbers it is given", () => {
    const fitness = fc.option(fc.double({ noNaN: true, noDefaultInfinity: true }), { nil: null });
    fc.assert(
      fc.property(fc.array(fitness, { maxLength: 60 }), fc.string(), fc.boolean(), (fitnesses, title, up) => {
        const svg = picture(points(fitnesses), { title, subtitle: title, direction: up ? "up" : "down" });
        expect(svg).not.toMatch(/NaN|Infinity|undefined/);
        const text = svg.replaceAll(/<[^<>]*>/g, "");
        expect(text).not.toMatch(/[<>]|&(?!amp;|lt;|gt;|quot;)/);
      }),
      { numRuns: 300 },
    );
  });
});

describe("an axis", () => {
  it.each([
    [0, 1, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]],
    [-3, 12, ["0", "5", "10"]],
    [2e7, 5e7, ["2e7", "3e7", "4e7", "5e7"]],
    [5, 5, undefined],
  ])("from %d to %d has round marks", (low, high, labels) => {
    const { ticks, label, min, max } = axis(low, high, 5);
    expect(min).toBeLessThan(max);
    expect(ticks.length).toBeGreaterThan(2);
    expect(ticks.length).toBeLessThan(12);
    if (labels !== undefined) expect(ticks.map(label)).toEqual(labels);
  });
});
