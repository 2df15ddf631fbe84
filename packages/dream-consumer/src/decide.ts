/**
 * A cycle as a pure machine: (state, event, moment) → what becomes of it. The shell stores the next state and emits what goes
 * with it in one transaction, then does the step that the new phase names; so a cycle can be killed anywhere and goes on (P3).
 *
 * I1 An event that does not belong to the phase (late, repeated, from a step that was overtaken) changes nothing.
 * I2 No generation is asked for beyond any budget; the final comparison has its own time, the grace.
 * I3 Every cycle ends: by its results, or when wall clock and grace are over (P10). Only `finishing` cannot be interrupted.
 * I4 A failed candidate has no fitness, and what has no fitness never wins.
 */
import { better } from "@kloros/experiments";
import type { CycleEvent, CycleState, Judgement, Moment, Plan } from "./decide/cycle-state.ts";
import { confirmRequest, type Emission, ending, searchRequest, tournamentId } from "./decide/emissions.ts";
import { type Failed, failed, type Incumbent, type Outcome } from "./decide/outcome.ts";
import { searchEnd } from "./decide/search-end.ts";

export type Transition =
  | { readonly kind: "next"; readonly state: CycleState; readonly emission: Emission | null }
  | { readonly kind: "ended"; readonly outcome: Outcome; readonly emission: Emission }
  | { readonly kind: "ignored"; readonly reason: string };

/** What a cycle is begun with, once it has been given the lease of its experiment. */
export type Beginning = Pick<
  CycleState,
  "cycle_id" | "trigger" | "experiment" | "ordinal" | "started_at" | "grace_ms"
>;

export function newCycle(beginning: Beginning): CycleState {
  return {
    ...beginning,
    phase: "preparing",
    plan: null,
    generation: 0,
    generation_size: 0,
    candidates_made: 0,
    candidates_failed: 0,
    generations_done: 0,
    stalled: 0,
    exhausted: false,
    best: null,
    search_end: null,
    tournament_failure: null,
    reserve_ms: 0,
    rest_until_ms: 0,
    incumbent: null,
    outcome: null,
    ended: null,
  };
}

/** What an event makes of a cycle. */
export function transition(state: CycleState, event: CycleEvent, moment: Moment): Transition {
  switch (event.kind) {
    case "prepared":
      if (state.phase !== "preparing") return ignored(state, event.kind);
      return next({ ...state, plan: event.plan, phase: "proposing" });
    case "broke":
      return state.phase === event.phase ? onBroke(state, event.failure, moment) : ignored(state, event.kind);
    case "cancelled":
      if (state.phase === "finishing") return ignored(state, event.kind);
      return finish(state, failed("Cancelled", `cycle ${state.cycle_id} was cancelled on request`), moment);
    case "tick":
      return onTick(state, moment);
    case "finished":
      if (state.phase !== "finishing" || state.outcome === null) return ignored(state, event.kind);
      return {
        kind: "ended",
        outcome: state.outcome,
        emission: ending(state, state.outcome, event.promotions_acknowledged),
      };
    default:
      return state.plan === null
        ? ignored(state, event.kind)
        : onSearchEvent(state, state.plan, event, moment);
  }
}

/** Elapsed time at which a `tick` is due; null: none is. */
export function dueAt(state: CycleState): number | null {
  if (state.phase === "finishing") return null;
  return state.phase === "resting" ? Math.min(state.rest_until_ms, hardEnd(state)) : hardEnd(state);
}

type SearchEvent = Extract<
  CycleEvent,
  { kind: "proposed" | "tournament-ended" | "judged" | "called" | "weighed" }
>;

function onSearchEvent(state: CycleState, plan: Plan, event: SearchEvent, moment: Moment): Transition {
  switch (event.kind) {
    case "proposed":
      if (state.phase !== "proposing" || event.generation !== state.generation)
        return ignored(state, event.kind);
      return onProposed(state, plan, event, moment);
    case "tournament-ended": {
      const awaits = state.phase === "evaluating" || state.phase === "confirming";
      if (!awaits || event.tournament_id !== tournamentId(state)) return ignored(state, event.tournament_id);
      if (event.failure !== null && event.failure.error_type !== "AllCandidatesFailed")
        return finish(state, tournamentFailed(event.tournament_id, event.failure), moment);
      const phase = state.phase === "evaluating" ? "judging" : "weighing";
      return next({ ...state, phase, tournament_failure: event.failure });
    }
    case "judged":
      if (state.phase !== "judging" || event.generation !== state.generation)
        return ignored(state, event.kind);
      return onJudged(state, plan, event.judgement, moment);
    case "called": {
      if (state.phase !== "calling") return ignored(state, event.kind);
      if (isSame(state, plan, event.incumbent))
        return finish({ ...state, incumbent: event.incumbent }, nothingBetter(event.incumbent), moment);
      const called = { ...state, incumbent: event.incumbent, phase: "confirming" as const };
      return next(called, confirmRequest(called, plan, moment));
    }
    case "weighed":
      if (state.phase !== "weighing") return ignored(state, event.kind);
      return finish(state, event.outcome, moment);
  }
}

function onProposed(
  state: CycleState,
  plan: Plan,
  { candidates, exhausted }: { readonly candidates: number; readonly exhausted: boolean },
  moment: Moment,
): Transition {
  if (candidates === 0)
    return conclude({ ...state, exhausted: true }, "no further candidate can be made", moment);
  if (moment.elapsedMs + state.reserve_ms >= plan.wallclock_ms)
    return state.best === null
      ? finish(state, neverBegun(plan), moment)
      : conclude(state, `wallclock_sec (${plan.wallclock_ms / 1000}) used up`, moment); // I2
  const proposed: CycleState = {
    ...state,
    phase: "evaluating",
    generation_size: candidates,
    candidates_made: state.candidates_made + candidates,
    exhausted,
    tournament_failure: null,
  };
  return next(proposed, searchRequest(proposed, plan, moment));
}

function onJudged(state: CycleState, plan: Plan, judgement: Judgement, moment: Moment): Transition {
  const isBetter =
    judgement.best !== null &&
    (state.best === null || better(plan.direction, judgement.best.fitness, state.best.fitness));
  const judged: CycleState = {
    ...state,
    best: isBetter ? judgement.best : state.best,
    stalled: isBetter ? 0 : state.stalled + 1,
    candidates_failed: state.candidates_failed + judgement.failed,
    generations_done: state.generations_done + 1,
    reserve_ms: judgement.reserve_ms,
  };
  if (judged.best === null) return finish(judged, allFailed(judged, judgement), moment); // I4
  const restUntilMs = moment.elapsedMs + plan.backoff_ms;
  const end = searchEnd(judged, plan, restUntilMs); // I2
  if (end !== null) return conclude(judged, end, moment);
  const following = { ...judged, generation: judged.generation + 1, generation_size: 0 };
  if (plan.backoff_ms === 0) return next({ ...following, phase: "proposing" });
  return next({ ...following, phase: "resting", rest_until_ms: restUntilMs });
}

/** The search is over: its best is compared with what is deployed. */
function conclude(state: CycleState, search_end: string, moment: Moment): Transition {
  const concluded = { ...state, search_end };
  if (state.best !== null) return next({ ...concluded, phase: "calling" });
  return finish(
    concluded,
    failed("AllCandidatesFailed", `no candidate could be made: ${search_end}`),
    moment,
  );
}

function onTick(state: CycleState, moment: Moment): Transition {
  if (state.phase === "finishing") return ignored(state, "tick");
  if (moment.elapsedMs >= hardEnd(state)) return finish(state, outOfTime(state), moment); // I3
  if (state.phase !== "resting" || moment.elapsedMs < state.rest_until_ms) return ignored(state, "tick");
  return next({ ...state, phase: "proposing" });
}

function neverBegun(plan: Plan): Failed {
  const message = `wallclock_sec (${plan.wallclock_ms / 1000}) was over before the first generation could be asked for`;
  return failed("OutOfTime", message);
}

function outOfTime(state: CycleState): Failed {
  const waited = state.phase === "evaluating" || state.phase === "confirming";
  const where = waited
    ? `tournament ${tournamentId(state)} has not answered; see whether tournament_consumer_daemon runs`
    : `the cycle is still ${state.phase}`;
  const budget = state.plan === null ? "" : `wallclock_sec (${state.plan.wallclock_ms / 1000}) and `;
  return failed("OutOfTime", `${budget}${state.grace_ms / 1000} s of grace are over: ${where}`);
}

/** Elapsed time at which even the grace is over. Preparing has the grace alone: no budget is known yet. */
function hardEnd(state: CycleState): number {
  return (state.plan?.wallclock_ms ?? 0) + state.grace_ms;
}

/** What cannot be written down at the very end cannot be waited for either: the cycle ends, truthfully. */
function onBroke(state: CycleState, failure: Failed, moment: Moment): Transition {
  if (state.phase !== "finishing" || state.outcome?.kind === "won") return finish(state, failure, moment);
  const outcome = state.outcome ?? failure;
  return { kind: "ended", outcome, emission: ending(state, outcome, []) };
}

function allFailed(state: CycleState, judgement: Judgement): Failed {
  const first = judgement.firstFailure === null ? "" : `; the first: ${judgement.firstFailure}`;
  const message = `${judgement.failed} of ${state.generation_size} candidates failed${first}; see dream_lab/cycles/${state.cycle_id}`;
  if (judgement.outOfTime) return failed("OutOfTime", message);
  return failed("AllCandidatesFailed", message, state.tournament_failure?.retry_possible);
}

function tournamentFailed(
  tournament: string,
  failure: NonNullable<CycleState["tournament_failure"]>,
): Failed {
  const message = `tournament ${tournament} failed with ${failure.error_type}: ${failure.error_message}`;
  return failed("TournamentFailed", message, failure.retry_possible);
}

function isSame(state: CycleState, plan: Plan, incumbent: Incumbent | null): boolean {
  if (incumbent === null || state.best === null || !plan.params_decide) return false;
  const ours = Object.entries(state.best.params);
  return (
    ours.length === Object.keys(incumbent.params).length &&
    ours.every(([name, value]) => incumbent.params[name] === value)
  );
}

function nothingBetter(incumbent: Incumbent | null): Failed {
  const what = incumbent?.version_id ?? null;
  const name = what === null ? "the baseline" : `version ${what}`;
  return failed("NoImprovement", `no candidate was better than ${name}, which is in use`);
}

function finish(state: CycleState, outcome: Outcome, moment: Moment): Transition {
  const ended = { elapsed_ms: moment.elapsedMs, at: new Date(moment.wallMs).toISOString() };
  return next({ ...state, phase: "finishing", outcome, ended: state.ended ?? ended });
}

function next(state: CycleState, emission: Emission | null = null): Transition {
  return { kind: "next", state, emission };
}

function ignored(state: CycleState, what: string): Transition {
  return { kind: "ignored", reason: `${what} does not belong to phase ${state.phase}` };
}
