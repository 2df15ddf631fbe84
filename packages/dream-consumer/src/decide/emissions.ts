/** The signals that a cycle emits, made of its state. Pure. */
import type { Facts } from "@kloros/bus";
import { tournamentName, winnerPath } from "@kloros/experiments";
import type { CycleState, Moment, Plan } from "./cycle-state.ts";
import type { Outcome } from "./outcome.ts";

export type Emission =
  | { readonly signal: "Q_TOURNAMENT_REQUESTED"; readonly facts: Facts<"Q_TOURNAMENT_REQUESTED"> }
  | { readonly signal: "Q_DREAM_COMPLETE"; readonly facts: Facts<"Q_DREAM_COMPLETE"> }
  | { readonly signal: "Q_DREAM_FAILED"; readonly facts: Facts<"Q_DREAM_FAILED"> };

/** Name of the final comparison, where a generation has `g000`. */
export const CONFIRM = "confirm";
/** Share of the grace that the final comparison may use; the rest is for its answer to arrive. */
const CONFIRM_SHARE_OF_GRACE = 0.5;

/** What the awaited tournament is called in files; `g000`, or `confirm`. */
export function currentTournament(state: CycleState): string {
  return state.phase === "calling" || state.phase === "confirming" || state.phase === "weighing"
    ? CONFIRM
    : tournamentName(state.generation);
}

export function tournamentId(state: CycleState): string {
  return `${state.cycle_id}.${currentTournament(state)}`;
}

/** A generation, to be evaluated before the search's time is over. */
export function searchRequest(state: CycleState, plan: Plan, moment: Moment): Emission {
  const leftMs = plan.wallclock_ms - state.reserve_ms - moment.elapsedMs;
  return request(state, plan, {
    candidate_count: state.generation_size,
    purpose: "search",
    repeats: plan.repeats,
    deadline_at: new Date(moment.wallMs + Math.max(0, leftMs)).toISOString(),
  });
}

/** Champion against incumbent, measured in turns. */
export function confirmRequest(state: CycleState, plan: Plan, moment: Moment): Emission {
  const leftMs = plan.wallclock_ms + state.grace_ms * CONFIRM_SHARE_OF_GRACE - moment.elapsedMs;
  return request(state, plan, {
    candidate_count: state.incumbent === null ? 1 : 2,
    purpose: "confirm",
    repeats: plan.confirm_repeats,
    deadline_at: new Date(moment.wallMs + Math.max(0, leftMs)).toISOString(),
  });
}

function request(
  state: CycleState,
  plan: Plan,
  own: Pick<Facts<"Q_TOURNAMENT_REQUESTED">, "candidate_count" | "purpose" | "repeats" | "deadline_at">,
): Emission {
  return {
    signal: "Q_TOURNAMENT_REQUESTED",
    facts: {
      tournament_id: tournamentId(state),
      cycle_id: state.cycle_id,
      experiment: state.experiment,
      generation: state.generation,
      candidates_path: `dream_lab/cycles/${state.cycle_id}/generations/${currentTournament(state)}.candidates.jsonl`,
      candidate_timeout_seconds: plan.candidate_timeout_seconds,
      candidate_memory_bytes: plan.candidate_memory_bytes,
      max_concurrency: plan.max_parallel,
      ...own,
    },
  };
}

/** The one signal that ends the story of a cycle. */
export function ending(state: CycleState, outcome: Outcome, acknowledged: readonly string[]): Emission {
  const common = {
    cycle_id: state.cycle_id,
    experiment: state.experiment,
    topic: state.trigger.topic,
    mutations_generated: state.candidates_made,
    duration_seconds: durationSeconds(state),
  };
  if (outcome.kind === "failed") {
    const { error_type, error_message, retry_possible } = outcome;
    return { signal: "Q_DREAM_FAILED", facts: { ...common, error_type, error_message, retry_possible } };
  }
  return {
    signal: "Q_DREAM_COMPLETE",
    facts: {
      ...common,
      tournament_winner: state.best?.candidate_id ?? "",
      fitness_improvement: outcome.comparison?.improvement ?? 0,
      winner_path: winnerPath(state.cycle_id),
      promotions_acknowledged: [...acknowledged],
    },
  };
}

/** How long the cycle ran, in seconds. */
export function durationSeconds({ ended }: CycleState): number {
  return Math.round(ended?.elapsed_ms ?? 0) / 1000;
}
