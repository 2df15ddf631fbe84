/** The durable state of a running cycle, small enough to be written whole at each step, and what can happen to it. Pure. */
import type { Params } from "@kloros/experiments";
import type { Failed, Incumbent, Outcome } from "./outcome.ts";
import type { Trigger } from "./trigger.ts";

/**
 * What the cycle does at the moment. In `evaluating` and `confirming` it waits for a tournament, in `resting` for time to pass;
 * in all others the shell carries out a step that can be repeated, and reports it.
 */
export type Phase =
  | "preparing"
  | "proposing"
  | "evaluating"
  | "judging"
  | "resting"
  | "calling"
  | "confirming"
  | "weighing"
  | "finishing";

/** What of the cycle's own snapshot its decisions need. */
export interface Plan {
  readonly direction: "up" | "down";
  readonly wallclock_ms: number;
  readonly backoff_ms: number;
  readonly max_candidates: number;
  readonly max_generations: number;
  readonly patience_gens: number;
  readonly max_parallel: number;
  readonly repeats: number;
  readonly confirm_repeats: number;
  readonly candidate_timeout_seconds: number;
  readonly candidate_memory_bytes: number;
  /** Equal parameters make equal artifacts. */
  readonly params_decide: boolean;
}

/** The best candidate so far. */
export interface Best {
  readonly candidate_id: string;
  readonly params: Params;
  readonly seed: number;
  readonly fitness: number;
}

export interface CycleState {
  readonly cycle_id: string;
  readonly trigger: Trigger;
  readonly experiment: string;
  /** RFC 3339; for people, never counted with. */
  readonly started_at: string;
  /** Time beyond the wall clock budget for the final comparison and its answer; as it was set when the cycle began. */
  readonly grace_ms: number;
  /** How many cycles of the experiment came before: each searches elsewhere, and the first one is the same everywhere. */
  readonly ordinal: number;
  readonly phase: Phase;
  /** null until prepared. */
  readonly plan: Plan | null;
  /** The generation at work, counted from 0. */
  readonly generation: number;
  /** Candidates of that generation. */
  readonly generation_size: number;
  readonly candidates_made: number;
  readonly candidates_failed: number;
  readonly generations_done: number;
  /** Generations in a row without a better best. */
  readonly stalled: number;
  /** Every point of a finite space has been proposed. */
  readonly exhausted: boolean;
  readonly best: Best | null;
  /** Why the search ended, in a few words; null while it goes on. */
  readonly search_end: string | null;
  /** How the tournament just ended was said to have failed; null: it did not. */
  readonly tournament_failure: TournamentFailure | null;
  /** Set aside for the final comparison, in milliseconds, as measured candidates suggest. */
  readonly reserve_ms: number;
  /** Elapsed time at which the rest between two generations is over. */
  readonly rest_until_ms: number;
  /** What the champion is compared with; known from `confirming` on. */
  readonly incumbent: Incumbent | null;
  /** Known from `finishing` on, with `ended`. */
  readonly outcome: Outcome | null;
  /** When the outcome was known; what is written afterwards says this, however often it is written. */
  readonly ended: { readonly elapsed_ms: number; readonly at: string } | null;
}

export interface TournamentFailure {
  readonly error_type: string;
  readonly error_message: string;
  readonly retry_possible: boolean;
}

/** What happens to a cycle. Reports of steps say which step they mean: one that comes too late changes nothing. */
export type CycleEvent =
  | { readonly kind: "prepared"; readonly plan: Plan }
  | {
      readonly kind: "proposed";
      readonly generation: number;
      readonly candidates: number;
      readonly exhausted: boolean;
    }
  | {
      readonly kind: "tournament-ended";
      readonly tournament_id: string;
      readonly failure: TournamentFailure | null;
    }
  | { readonly kind: "judged"; readonly generation: number; readonly judgement: Judgement }
  | { readonly kind: "called"; readonly incumbent: Incumbent | null }
  | { readonly kind: "weighed"; readonly outcome: Outcome }
  | { readonly kind: "finished"; readonly promotions_acknowledged: readonly string[] }
  /** A step cannot be done, now or ever. */
  | { readonly kind: "broke"; readonly phase: Phase; readonly failure: Failed }
  | { readonly kind: "cancelled" }
  | { readonly kind: "tick" };

/** What a generation's results amount to. */
export interface Judgement {
  readonly best: Best | null;
  readonly evaluated: number;
  readonly failed: number;
  /** All failures were for want of time. */
  readonly outOfTime: boolean;
  /** The first failure, in a sentence; null when there was none. */
  readonly firstFailure: string | null;
  readonly reserve_ms: number;
}

/** Time as decisions see it. */
export interface Moment {
  /** Since the cycle began; never goes back. */
  readonly elapsedMs: number;
  /** Unix milliseconds; only for what is said to others. */
  readonly wallMs: number;
}
