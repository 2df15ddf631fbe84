/** The machine of a cycle: its rules one by one, and what holds whatever happens. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { CycleEvent, CycleState, Moment, Phase, Plan } from "../src/decide/cycle-state.ts";
import type { Emission } from "../src/decide/emissions.ts";
import type { Outcome } from "../src/decide/outcome.ts";
import { dueAt, transition } from "../src/decide.ts";
import { answer, cycle, GRACE_MS, judgement, PLAN, WON } from "./decide/worlds.ts";

const WALL_MS = Date.UTC(2025, 10, 15, 10, 30);

function at(elapsedMs: number): Moment {
  return { elapsedMs, wallMs: WALL_MS + elapsedMs };
}

function next(state: CycleState, event: CycleEvent, elapsedMs = 0): CycleState {
  const result = transition(state, event, at(elapsedMs));
  if (result.kind !== "next") throw new Error(`${event.kind} led to ${JSON.stringify(result)}`);
  return result.state;
}

function emissionOf(state: CycleState, event: CycleEvent, elapsedMs = 0): Emission | null {
  const result = transition(state, event, at(elapsedMs));
  if (result.kind === "ignored") throw new Error(result.reason);
  return result.emission;
}

const judging = (changes: Partial<CycleState> = {}) =>
  cycle({ phase: "judging", plan: PLAN, generation_size: 8, candidates_made: 8, ...changes });

describe("a cycle", () => {
  it("asks for a generation with its budget, its files and its deadline", () => {
    const proposing = next(cycle(), { kind: "prepared", plan: PLAN });
    const emission = emissionOf(proposing, {
      kind: "proposed",
      generation: 0,
      candidates: 8,
      exhausted: false,
    });
    expect(emission).toEqual({
      signal: "Q_TOURNAMENT_REQUESTED",
      facts: {
        tournament_id: "dream_20251115_103000_deadbeef.g000",
        cycle_id: "dream_20251115_103000_deadbeef",
        experiment: "sorting",
        generation: 0,
        candidate_count: 8,
        candidates_path: "dream_lab/cycles/dream_20251115_103000_deadbeef/generations/g000.candidates.jsonl",
        candidate_timeout_seconds: 30,
        candidate_memory_bytes: 1_000_000,
        max_concurrency: 2,
        purpose: "search",
        repeats: 1,
        deadline_at: "2025-11-15T10:31:00.000Z",
      },
    });
  });

  it("fails as a whole when its first generation fails as a whole, and says what the first failure was", () => {
    const failure = { error_type: "AllCandidatesFailed", error_message: "", retry_possible: true };
    const state = next(judging({ tournament_failure: failure }), {
      kind: "judged",
      generation: 0,
      judgement: judgement(null, 8),
    });
    expect(state.phase).toBe("finishing");
    expect(state.outcome).toMatchObject({
      error_type: "AllCandidatesFailed",
      error_message: expect.stringContaining("8 of 8 candidates failed; the first: NonZeroExit") as string,
      retry_possible: true,
    });
  });

  it("takes a later generation that fails as a whole for one without progress", () => {
    const best = judgement(3, 8).best;
    const before = judging({ generation: 1, generations_done: 1, candidates_made: 16, best });
    const state = next(before, { kind: "judged", generation: 1, judgement: judgement(null, 8) });
    expect(state).toMatchObject({
      phase: "proposing",
      generation: 2,
      stalled: 1,
      best,
      candidates_failed: 8,
    });
  });

  it("takes equal fitness for no improvement, and stops when patience is at its end", () => {
    const best = judgement(3, 8).best;
    const before = judging({ generation: 2, generations_done: 2, stalled: PLAN.patience_gens - 1, best });
    const state = next(before, { kind: "judged", generation: 2, judgement: judgement(3, 8) });
    expect(state).toMatchObject({ phase: "calling", search_end: "no better candidate in 3 generations" });
  });

  it("rests between generations when it is told to, and not when the rest would outlast its time", () => {
    const resting = (elapsedMs: number) =>
      next(judging({ plan: { ...PLAN, backoff_ms: 5_000 } }), JUDGED, elapsedMs);
    expect(resting(1_000)).toMatchObject({ phase: "resting", rest_until_ms: 6_000, generation: 1 });
    expect(dueAt(resting(1_000))).toBe(6_000);
    expect(transition(resting(1_000), { kind: "tick" }, at(5_999)).kind).toBe("ignored");
    expect(next(resting(1_000), { kind: "tick" }, 6_000).phase).toBe("proposing");
    expect(resting(54_000)).toMatchObject({ phase: "calling" }); // 54 s + 5 s of rest + 1 s in reserve
  });

  it("does not compare the champion with itself when nothing better was found than what is in use", () => {
    const calling = cycle({ phase: "calling", plan: PLAN, best: judgement(3, 8).best });
    const same = { version_id: "dream_1", params: { x: 3 } };
    expect(next(calling, { kind: "called", incumbent: same }).outcome).toMatchObject({
      error_type: "NoImprovement",
      retry_possible: false,
    });
    const otherwise = next(
      { ...calling, plan: { ...PLAN, params_decide: false } },
      { kind: "called", incumbent: same },
    );
    expect(otherwise.phase).toBe("confirming");
  });

  it("measures the champion alone when nothing is in use", () => {
    const calling = cycle({ phase: "calling", plan: PLAN, best: judgement(3, 8).best });
    expect(emissionOf(calling, { kind: "called", incumbent: null }, 60_000)?.facts).toMatchObject({
      tournament_id: "dream_20251115_103000_deadbeef.confirm",
      purpose: "confirm",
      candidate_count: 1,
      repeats: 5,
      deadline_at: "2025-11-15T10:31:05.000Z", // half of the grace
    });
  });

  it("ends as OutOfTime when its time and the grace are over, and names who has not answered", () => {
    const waiting = cycle({ phase: "evaluating", plan: PLAN });
    expect(dueAt(waiting)).toBe(PLAN.wallclock_ms + GRACE_MS);
    expect(transition(waiting, { kind: "tick" }, at(PLAN.wallclock_ms)).kind).toBe("ignored");
    expect(next(waiting, { kind: "tick" }, PLAN.wallclock_ms + GRACE_MS).outcome).toMatchObject({
      error_type: "OutOfTime",
      retry_possible: true,
      error_message: expect.stringContaining(
        "dream_20251115_103000_deadbeef.g000 has not answered",
      ) as string,
    });
    expect(next(cycle(), { kind: "tick" }, GRACE_MS).outcome).toMatchObject({ error_type: "OutOfTime" });
  });

  it("ends when it is cancelled, but not any more while it is finishing", () => {
    expect(next(cycle({ phase: "evaluating", plan: PLAN }), { kind: "cancelled" }).outcome).toMatchObject({
      error_type: "Cancelled",
    });
    const finishing = cycle({ phase: "finishing", plan: PLAN, outcome: WON });
    expect(transition(finishing, { kind: "cancelled" }, at(0)).kind).toBe("ignored");
  });

  it("ignores what comes too late or was not asked for", () => {
    const evaluating = cycle({ phase: "evaluating", plan: PLAN, generation: 2 });
    const ended = (tournament: string): CycleEvent => ({
      kind: "tournament-ended",
      tournament_id: `${evaluating.cycle_id}.${tournament}`,
      failure: null,
    });
    for (const name of ["g001", "g003", "confirm"])
      expect(transition(evaluating, ended(name), at(0)).kind).toBe("ignored");
    expect(transition(evaluating, ended("g002"), at(0)).kind).toBe("next");
    expect(transition({ ...evaluating, phase: "judging" }, ended("g002"), at(0)).kind).toBe("ignored");
  });

  it("fails truthfully when its winner cannot be written, and ends even when that cannot be written either", () => {
    const finishing = cycle({ phase: "finishing", plan: PLAN, outcome: WON, best: judgement(3, 8).best });
    const failure = {
      kind: "failed" as const,
      error_type: "FilesNotUsable" as const,
      error_message: "read-only",
      retry_possible: true,
      comparison: null,
    };
    const broke: CycleEvent = { kind: "broke", phase: "finishing", failure };
    const again = next(finishing, broke);
    expect(again).toMatchObject({ phase: "finishing", outcome: failure });
    expect(transition(again, broke, at(0))).toMatchObject({
      kind: "ended",
      emission: { signal: "Q_DREAM_FAILED", facts: { error_type: "FilesNotUsable" } },
    });
  });
});

const JUDGED: CycleEvent = { kind: "judged", generation: 0, judgement: judgement(3, 8) };

interface Story {
  readonly emissions: { readonly emission: Emission; readonly elapsedMs: number }[];
  readonly phases: Phase[];
  outcome: Outcome | null;
}

/** Plays a cycle to its end. `noise`: events of other steps and moments are thrown in; `crash`: only JSON survives a step. */
function play(seed: number, plan: Plan, noise: boolean, crash: boolean): Story {
  const draw = lots(seed);
  const disturb = lots(seed + 1);
  const story: Story = { emissions: [], phases: [], outcome: null };
  let state = cycle();
  const past: CycleEvent[] = [];
  for (let elapsedMs = 0, step = 0; step < 1_000; step++) {
    const event = answer(state, plan, draw);
    elapsedMs = state.phase === "resting" ? state.rest_until_ms : elapsedMs + Math.floor(draw() * 4_000);
    const due = dueAt(state);
    const late = due !== null && elapsedMs >= due && state.phase !== "resting";
    if (noise) {
      for (const other of past) if (disturb() < 0.3) expectIgnored(state, other, elapsedMs);
    }
    const result = transition(state, late ? { kind: "tick" } : event, at(elapsedMs));
    past.push(event);
    if (result.kind === "ignored") throw new Error(result.reason);
    if (result.emission !== null) story.emissions.push({ emission: result.emission, elapsedMs });
    if (result.kind === "ended") {
      story.outcome = result.outcome;
      return story;
    }
    state = crash ? (JSON.parse(JSON.stringify(result.state)) as CycleState) : result.state;
    story.phases.push(state.phase);
  }
  throw new Error("the cycle does not end");
}

function expectIgnored(state: CycleState, event: CycleEvent, elapsedMs: number): void {
  if (event.kind === "tick") return; // Time itself may come at any time.
  expect(transition(state, event, at(elapsedMs))).toMatchObject({ kind: "ignored" });
}

function lots(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32;
  };
}

const plans = fc.record({
  wallclock_ms: fc.integer({ min: 1, max: 60_000 }),
  backoff_ms: fc.constantFrom(0, 0, 500, 100_000),
  max_candidates: fc.integer({ min: 1, max: 60 }),
  max_generations: fc.integer({ min: 1, max: 8 }),
  patience_gens: fc.integer({ min: 1, max: 5 }),
});

describe("whatever happens to a cycle", () => {
  it("it ends once, within its budgets, and never because of what came twice or late", () => {
    fc.assert(
      fc.property(fc.nat(), plans, (seed, changes) => {
        const plan = { ...PLAN, ...changes };
        const { emissions, outcome } = play(seed, plan, true, false);
        expect(outcome).not.toBeNull();
        const endings = emissions.filter(({ emission }) => emission.signal !== "Q_TOURNAMENT_REQUESTED");
        expect(endings).toHaveLength(1);
        expect(emissions.at(-1)).toBe(endings[0]);
        const asked = emissions.flatMap(({ emission, elapsedMs }) =>
          emission.signal === "Q_TOURNAMENT_REQUESTED" ? [{ ...emission.facts, elapsedMs }] : [],
        );
        expect(new Set(asked.map(({ tournament_id }) => tournament_id)).size).toBe(asked.length);
        const searches = asked.filter(({ purpose }) => purpose === "search");
        expect(searches.length).toBeLessThanOrEqual(plan.max_generations);
        const made = searches.reduce((total, { candidate_count }) => total + candidate_count, 0);
        expect(made).toBeLessThanOrEqual(plan.max_candidates);
        for (const { elapsedMs, deadline_at = "" } of asked) {
          expect(elapsedMs).toBeLessThan(plan.wallclock_ms + GRACE_MS);
          expect(Date.parse(deadline_at)).toBeLessThanOrEqual(WALL_MS + plan.wallclock_ms + GRACE_MS);
        }
        for (const { deadline_at = "", elapsedMs } of searches) {
          expect(elapsedMs).toBeLessThan(plan.wallclock_ms);
          expect(Date.parse(deadline_at)).toBeLessThanOrEqual(WALL_MS + plan.wallclock_ms);
        }
      }),
      { numRuns: 2_000 },
    );
  });

  it("its story is the same when only what is stored survives each step", () => {
    fc.assert(
      fc.property(fc.nat(), plans, (seed, changes) => {
        const plan = { ...PLAN, ...changes };
        expect(play(seed, plan, false, true)).toEqual(play(seed, plan, false, false));
      }),
      { numRuns: 500 },
    );
  });
});
