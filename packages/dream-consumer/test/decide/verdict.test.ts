import type { CandidateResult, FailureKind } from "@kloros/experiments";
import { describe, expect, it } from "vitest";
import { planOf, searchOptions } from "../../src/decide/plan.ts";
import { weigh } from "../../src/decide/verdict.ts";
import { experiment } from "./experiments.ts";

const COMMON = {
  candidate_id: "champion",
  started_at: "2025-11-15T10:30:00.000Z",
  finished_at: "2025-11-15T10:30:00.000Z",
  duration_ms: 1,
  cpu_seconds: 0,
  peak_memory_bytes: 0,
  artifact_sha256: null,
};
const INCUMBENT = { version_id: "dream_0", params: { x: 1 } };

function ok(...measurements: number[]): CandidateResult {
  const fitness = [...measurements].sort((a, b) => a - b)[Math.floor(measurements.length / 2)] ?? 0;
  return { ...COMMON, status: "ok", fitness, measurements, metrics: {}, error: null };
}

function bad(type: FailureKind): CandidateResult {
  const error = { type, message: "why", stderr_tail: "" };
  return { ...COMMON, status: "failed", fitness: null, measurements: [], metrics: null, error };
}

describe("the final comparison", () => {
  const exact = experiment("a");
  it.each([
    ["simply better, without any spread", ok(2, 2, 2), ok(1, 1, 1), "won"],
    ["equal", ok(2, 2, 2), ok(2, 2, 2), "NoImprovement"],
    ["worse", ok(1, 1, 1), ok(2, 2, 2), "NoImprovement"],
    ["clearly better, with spread", ok(7, 8, 9, 8, 7), ok(1, 2, 3, 2, 1), "won"],
    ["better by luck, perhaps", ok(1, 2, 3, 4, 9), ok(0, 2, 3, 5, 4), "NoImprovement"],
    ["what is in use does not run", ok(2), bad("NonZeroExit"), "won"],
    ["the champion does not hold", bad("NonZeroExit"), ok(1), "NoImprovement"],
    ["neither runs", bad("NonZeroExit"), bad("Timeout"), "AllCandidatesFailed"],
    ["there was no time for the champion", bad("OutOfTime"), ok(1), "OutOfTime"],
    ["there was no time for what is in use", ok(2), bad("OutOfTime"), "OutOfTime"],
    ["there is no result at all", undefined, undefined, "AllCandidatesFailed"],
  ])("%s", (_what, ours, theirs, expected) => {
    const outcome = weigh({ ours, theirs }, INCUMBENT, exact);
    expect(outcome.kind === "won" ? "won" : outcome.error_type).toBe(expected);
  });

  it("asks for as much improvement as the experiment does, in its direction", () => {
    const acceptance = { ...exact.acceptance, min_improvement: 1 };
    const down = experiment("a", { acceptance, metrics: { target_direction: "down" } });
    expect(weigh({ ours: ok(1, 1), theirs: ok(2, 2) }, INCUMBENT, down)).toMatchObject({
      error_type: "NoImprovement",
      comparison: { improvement: 1 },
    });
    expect(weigh({ ours: ok(0.5, 0.5), theirs: ok(2, 2) }, INCUMBENT, down)).toMatchObject({ kind: "won" });
  });

  it("names no improvement where there is nothing to compare with", () => {
    expect(weigh({ ours: ok(3), theirs: undefined }, null, exact)).toMatchObject({
      kind: "won",
      comparison: null,
    });
  });
});

describe("a cycle's search", () => {
  it("starts from baseline, what is deployed and promotions, each a point of the space and each once", () => {
    const record = {
      schema: "kloros.cycle/1" as const,
      cycle_id: "dream_1",
      experiment: experiment("a", { baseline: { x: 1, kind: "plain" } }),
      topic: null,
      trigger_id: "t",
      correlation_id: "t",
      attempt: 1,
      seed: 5,
      run: {
        seed: 1,
        global_budget: { wallclock_sec: 60, max_candidates: 30, max_generations: 3 },
        scheduling: { max_parallel: 2, backoff_sec: 0.5 },
      },
      mutators: {
        algorithm: "auto" as const,
        gaussian_sigma: 0.1,
        categorical_rate: 0.1,
        crossover_rate: 0.1,
      },
      promotions: [
        { file: "same.json", key: "k", params: { kind: "plain", x: 1, alien: true } },
        { file: "wrong.json", key: "k", params: { x: 11, kind: "plain" } },
        { file: "none.json", key: "k", params: null },
        { file: "inactive.json", key: "k", params: { x: 3, kind: "plain", depth: 2 } },
      ],
      incumbent: { version_id: "dream_0", params: { x: 2, kind: "fancy", depth: 3 } },
      started_at: "2025-11-15T10:30:00.000Z",
    };
    expect(searchOptions(record).starts).toEqual([
      { params: { x: 1, kind: "plain" }, origin: { kind: "baseline", parents: [] } },
      { params: { x: 2, kind: "fancy", depth: 3 }, origin: { kind: "incumbent", parents: [] } },
      {
        params: { x: 3, kind: "plain" },
        origin: { kind: "promotion", parents: [], promotion: "inactive.json" },
      },
    ]);
    expect(planOf(record)).toMatchObject({ wallclock_ms: 60_000, backoff_ms: 500, max_parallel: 2 });
  });
});
