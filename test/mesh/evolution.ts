/** The evolution half in tests: experiments that cost nothing, promotions, and what became of them. */
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

/** The evaluator `hill.mjs`; see there. */
export const HILL = fileURLToPath(new URL("fixtures/hill.mjs", import.meta.url));

export interface HillOptions {
  readonly name?: string;
  /** More words for the evaluator's command line. */
  readonly evaluator?: readonly string[];
  /** Longest time for one run of the evaluator, in seconds. */
  readonly timeoutS?: number;
  /** More members of the experiment. */
  readonly more?: object;
  readonly population?: number;
  readonly generations?: number;
}

/** An experiment whose evaluator is `hill.mjs`, as an entry of dream.yaml. */
export function hillExperiment(options: HillOptions = {}): Record<string, unknown> {
  const { name = "hill", evaluator = [], timeoutS = 20, more = {} } = options;
  const { population = 4, generations = 2 } = options;
  return {
    name,
    search_space: { x: { type: "real", min: -10, max: 10 }, mode: ["a", "b"] },
    baseline: { x: -9, mode: "a" },
    evaluator: { command: ["{node}", HILL, ...evaluator], timeout_s: timeoutS },
    budget: { max_generations: generations, max_candidates: population * generations, wallclock_sec: 120 },
    selector: { population, tournament_size: 2, survivors: 2, elitism: 1, fresh_inject: 1 },
    acceptance: { repeats: 2 },
    ...more,
  };
}

/** Text of dream.yaml; JSON is YAML. */
export function dreamFile(...experiments: readonly object[]): string {
  return JSON.stringify({ run: { seed: 7 }, experiments }, null, 2);
}

/** Drops a promotion in the form of a cycle elsewhere, by rename. Its parameters may seed the search. */
export async function dropPromotion(
  home: string,
  name: string,
  experiment: string,
  params: object = { x: 2, mode: "a" },
): Promise<void> {
  const promotion = {
    experiment,
    updated_at: new Date().toISOString(),
    source: "test",
    winner: { fitness: 0.5, params, metrics: {} },
    apply_map: {},
    promotion_id: name,
  };
  const hidden = join(home, `.${name}.tmp`);
  await writeFile(hidden, JSON.stringify(promotion));
  await rename(hidden, join(home, "dream_lab", "promotions", `${name}.json`));
}
