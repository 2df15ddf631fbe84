/** From a cycle's snapshot to what its decisions and its search need. Pure. */
import { canonicalParams, type CycleRecord, type Params, paramsProblems } from "@kloros/experiments";
import type { SearchOptions, SearchStart } from "../search/engine.ts";
import type { Plan } from "./cycle-state.ts";

const MS_PER_SECOND = 1_000;

export function planOf({ experiment, run }: CycleRecord): Plan {
  const { budget, evaluator } = experiment;
  return {
    direction: experiment.metrics.target_direction,
    wallclock_ms: budget.wallclock_sec * MS_PER_SECOND,
    backoff_ms: run.scheduling.backoff_sec * MS_PER_SECOND,
    max_candidates: budget.max_candidates,
    max_generations: budget.max_generations,
    patience_gens: experiment.convergence.patience_gens,
    max_parallel: run.scheduling.max_parallel,
    repeats: evaluator.repeats,
    confirm_repeats: experiment.acceptance.repeats,
    candidate_timeout_seconds: evaluator.timeout_s,
    candidate_memory_bytes: evaluator.limits.memory_bytes,
    params_decide: experiment.artifact.kind !== "mutator",
  };
}

export function searchOptions({
  experiment,
  mutators,
  seed,
  incumbent,
  promotions,
}: CycleRecord): SearchOptions {
  const { search_space: space, selector, metrics } = experiment;
  const none: readonly string[] = [];
  const wished: SearchStart[] = [];
  if (experiment.baseline !== null)
    wished.push({ params: experiment.baseline, origin: { kind: "baseline", parents: none } });
  if (incumbent !== null && incumbent.version_id !== null)
    wished.push({ params: incumbent.params, origin: { kind: "incumbent", parents: none } });
  for (const { file, params } of promotions)
    if (params !== null)
      wished.push({ params, origin: { kind: "promotion", parents: none, promotion: file } });
  return {
    space,
    selector,
    mutators,
    direction: metrics.target_direction,
    seed,
    starts: usable(space, wished),
  };
}

/** Those that are points of the space once foreign names are dropped, each once. */
function usable(space: SearchOptions["space"], wished: readonly SearchStart[]): SearchStart[] {
  const seen = new Set<string>();
  return wished.flatMap(({ params, origin }) => {
    const point: Params = canonicalParams(space, params);
    const text = JSON.stringify(point);
    if (seen.has(text) || paramsProblems(space, point).length > 0) return [];
    seen.add(text);
    return [{ params: point, origin }];
  });
}
