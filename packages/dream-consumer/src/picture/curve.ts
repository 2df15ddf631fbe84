/** What the picture of a cycle shows, drawn from its candidates: bounded, however many there were (P5). Pure. */

/** Candidates in the order of their making. */
export interface Point {
  readonly candidate_id: string;
  readonly generation: number;
  /** null: it failed. */
  readonly fitness: number | null;
}

export interface Curve {
  /** Candidates in all. */
  readonly count: number;
  readonly failures: number;
  /** At most `MAX_MARKS` of each; `at` counts from 1. */
  readonly dots: readonly { readonly at: number; readonly fitness: number }[];
  readonly failed: readonly number[];
  /** Best so far, where it changes. */
  readonly steps: readonly { readonly at: number; readonly fitness: number }[];
  /** First candidate of each generation. */
  readonly generations: readonly number[];
  /** Range in which most fitnesses lie; outliers do not stretch it. null: there are none. */
  readonly range: { readonly low: number; readonly high: number } | null;
}

/** More marks would be a stain, and megabytes. */
const MAX_MARKS = 2_000;
/** How far an outlier lies beyond the worse quartile, in distances between the quartiles (Tukey's fence). */
const FENCE = 1.5;
const FEW = 8;

export function curveOf(points: readonly Point[], direction: "up" | "down"): Curve {
  const dots: { at: number; fitness: number }[] = [];
  const failed: number[] = [];
  const steps: { at: number; fitness: number }[] = [];
  const generations: number[] = [];
  points.forEach(({ fitness, generation }, index) => {
    const at = index + 1;
    if (generation !== points[index - 1]?.generation) generations.push(at);
    if (fitness === null) {
      failed.push(at);
      return;
    }
    dots.push({ at, fitness });
    const best = steps.at(-1)?.fitness;
    if (best === undefined || (direction === "up" ? fitness > best : fitness < best))
      steps.push({ at, fitness });
  });
  return {
    count: points.length,
    failures: failed.length,
    dots: thinned(dots),
    failed: thinned(failed),
    steps: thinned(steps),
    generations,
    range: rangeOf(
      dots.map(({ fitness }) => fitness),
      direction,
    ),
  };
}

function rangeOf(fitnesses: readonly number[], direction: "up" | "down"): Curve["range"] {
  const sorted = [...fitnesses].sort((a, b) => a - b);
  const at = (share: number) => sorted[Math.round((sorted.length - 1) * share)]!;
  if (sorted.length === 0) return null;
  if (sorted.length < FEW) return { low: at(0), high: at(1) };
  const reach = FENCE * (at(0.75) - at(0.25));
  if (direction === "up") return { low: Math.max(at(0), at(0.25) - reach), high: at(1) };
  return { low: at(0), high: Math.min(at(1), at(0.75) + reach) };
}

/** Evenly chosen, the first and the last always among them. */
function thinned<T>(marks: readonly T[]): T[] {
  if (marks.length <= MAX_MARKS) return [...marks];
  const every = (marks.length - 1) / (MAX_MARKS - 1);
  return Array.from({ length: MAX_MARKS }, (_, index) => marks[Math.round(index * every)]!);
}
