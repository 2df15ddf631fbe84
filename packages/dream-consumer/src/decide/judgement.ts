/** What a generation's results amount to. Pure. */
import { better, type Candidate, type CandidateResult } from "@kloros/experiments";
import type { Best, Judgement, Plan } from "./cycle-state.ts";

/** The final comparison may set aside this share of a cycle's time at most. */
const MAX_RESERVE_SHARE = 0.5;
const SIDES = 2;

export function judgementOf(
  measured: readonly { readonly candidate: Candidate; readonly result: CandidateResult | null }[],
  plan: Plan,
): Judgement {
  let best: Best | null = null;
  let evaluated = 0;
  let durationMs = 0;
  const failures: (NonNullable<CandidateResult["error"]> | null)[] = [];
  for (const { candidate, result } of measured) {
    if (result?.status !== "ok") {
      failures.push(result?.error ?? null);
      continue;
    }
    evaluated++;
    durationMs += result.duration_ms;
    if (best !== null && !better(plan.direction, result.fitness, best.fitness)) continue;
    const { candidate_id, params, seed } = candidate;
    best = { candidate_id, params, seed, fitness: result.fitness };
  }
  const first = failures[0];
  return {
    best,
    evaluated,
    failed: failures.length,
    outOfTime: failures.length > 0 && failures.every((error) => error?.type === "OutOfTime"),
    firstFailure:
      first === undefined ? null : first === null ? "it has no result" : `${first.type}, ${first.message}`,
    reserve_ms: reserve(evaluated === 0 ? 0 : durationMs / evaluated, plan),
  };
}

/** How long the final comparison is likely to take, when a candidate takes `candidateMs`. */
function reserve(candidateMs: number, plan: Plan): number {
  const likely = (candidateMs / plan.repeats) * plan.confirm_repeats * SIDES;
  return Math.round(Math.min(likely, plan.wallclock_ms * MAX_RESERVE_SHARE));
}
