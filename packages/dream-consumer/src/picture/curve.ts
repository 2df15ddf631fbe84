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
/** Share of the fitnesses at the worse end that the vertical axis may leave out when there are many. */
const OUTLIERS = 0.05;
const MANY = 40;

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
  if (sorted.length === 0) return null;
  const left = sorted.length < MANY ? 0 : Math.floor(sorted.length * OUTLIERS);
  const [low, high] = direction === "up" ? [left, sorted.length - 1] : [0, sorted.length - 1 - left];
  return { low: sorted[low] ?? 0, high: sorted[high] ?? 0 };
}

/** Evenly chosen, the first and the last always among them. */
function thinned<T>(marks: readonly T[]): T[] {
  if (marks.length <= MAX_MARKS) return [...marks];
  const every = (marks.length - 1) / (MAX_MARKS - 1);
  return Array.from({ length: MAX_MARKS }, (_, index) => marks[Math.round(index * every)]!);
}
