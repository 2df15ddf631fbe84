/** When a search is over. Each rule is a limit of the experiment, and says so in the words of the summary. Pure. */
import type { CycleState, Plan } from "./cycle-state.ts";

/** Why no further generation is asked for, or null. `elapsedMs`: when the next generation would begin. */
export function searchEnd(state: CycleState, plan: Plan, elapsedMs: number): string | null {
  if (state.exhausted) return "every point of the search space was tried";
  if (state.candidates_made >= plan.max_candidates) return `max_candidates (${plan.max_candidates}) used up`;
  if (state.generations_done >= plan.max_generations)
    return `max_generations (${plan.max_generations}) used up`;
  if (state.stalled >= plan.patience_gens) return `no better candidate in ${state.stalled} generations`;
  if (elapsedMs + state.reserve_ms >= plan.wallclock_ms)
    return `wallclock_sec (${plan.wallclock_ms / 1000}) used up`;
  return null;
}
