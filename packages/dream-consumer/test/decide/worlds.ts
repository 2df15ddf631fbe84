/** Cycles for tests of the pure machine, and a world that answers them as the shell would. */
import type { CycleEvent, CycleState, Judgement, Plan } from "../../src/decide/cycle-state.ts";
import { tournamentId } from "../../src/decide/emissions.ts";
import { failed, type Won } from "../../src/decide/outcome.ts";
import type { Trigger } from "../../src/decide/trigger.ts";
import { newCycle } from "../../src/decide.ts";

export const TRIGGER: Trigger = {
  trigger_id: "0199d2a4-7a00-7000-8000-0000deadbeef",
  root_id: "0199d2a4-7a00-7000-8000-0000deadbeef",
  correlation_id: "0199d2a4-7a00-7000-8000-0000deadbeef",
  topic: null,
  experiment: null,
  promotions: [],
  attempt: 1,
};

export const PLAN: Plan = {
  direction: "up",
  wallclock_ms: 60_000,
  backoff_ms: 0,
  max_candidates: 40,
  max_generations: 6,
  patience_gens: 3,
  max_parallel: 2,
  repeats: 1,
  confirm_repeats: 5,
  candidate_timeout_seconds: 30,
  candidate_memory_bytes: 1_000_000,
  params_decide: true,
};

export const WON: Won = {
  kind: "won",
  fitness: 2,
  comparison: { incumbent_fitness: 1, improvement: 1, p_value: 0 },
  metrics: {},
  artifact_sha256: null,
};

export const GRACE_MS = 10_000;

export function cycle(changes: Partial<CycleState> = {}): CycleState {
  const beginning = {
    cycle_id: "dream_20251115_103000_deadbeef",
    trigger: TRIGGER,
    experiment: "sorting",
    ordinal: 0,
    started_at: "2025-11-15T10:30:00.000Z",
    grace_ms: GRACE_MS,
  };
  return { ...newCycle(beginning), ...changes };
}

/** A judgement of a generation whose best has this fitness; null: all failed. */
export function judgement(fitness: number | null, size: number): Judgement {
  const best = fitness === null ? null : { candidate_id: "c00001", params: { x: fitness }, seed: 1, fitness };
  const failures = fitness === null ? size : 0;
  return {
    best,
    evaluated: size - failures,
    failed: failures,
    outOfTime: false,
    firstFailure: failures > 0 ? "NonZeroExit, exit code 1" : null,
    reserve_ms: 1_000,
  };
}

/** What the shell would report next, in a world that draws its lots from `draw` (0 to below 1). */
export function answer(state: CycleState, plan: Plan, draw: () => number): CycleEvent {
  switch (state.phase) {
    case "preparing":
      return { kind: "prepared", plan };
    case "proposing": {
      const room = plan.max_candidates - state.candidates_made;
      const candidates = draw() < 0.05 ? 0 : Math.min(room, 1 + Math.floor(draw() * 12));
      return { kind: "proposed", generation: state.generation, candidates, exhausted: draw() < 0.05 };
    }
    case "evaluating":
    case "confirming": {
      const [luck, kind] = [draw(), draw()];
      const error_type = kind < 0.7 ? "AllCandidatesFailed" : "StorageFailed";
      const failure = luck < 0.85 ? null : { error_type, error_message: "broken", retry_possible: true };
      return { kind: "tournament-ended", tournament_id: tournamentId(state), failure };
    }
    case "judging": {
      const fitness = draw() < 0.1 ? null : Math.round(draw() * 20);
      return {
        kind: "judged",
        generation: state.generation,
        judgement: judgement(fitness, state.generation_size),
      };
    }
    case "resting":
      return { kind: "tick" };
    case "calling":
      return { kind: "called", incumbent: draw() < 0.5 ? null : { version_id: null, params: { x: -1 } } };
    case "weighing":
      return { kind: "weighed", outcome: draw() < 0.5 ? WON : failed("NoImprovement", "not better") };
    case "finishing":
      return { kind: "finished", promotions_acknowledged: [] };
  }
}
