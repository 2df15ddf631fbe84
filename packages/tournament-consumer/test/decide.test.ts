import type { CandidateResult, Direction } from "@kloros/experiments";
import fc from "fast-check";
import { expect, it } from "vitest";
import { admit, candidatesProblem, evaluatorFor, failed, measurementSeed, outcomeOf } from "../src/decide.ts";
import type { Done, Job } from "../src/jobs/job.ts";
import { candidates, experimentWith, requestFor } from "./lab.ts";

const NOTHING = { job: undefined, done: undefined, waiting: 0 };
const LIMITS = { maxWaiting: 2 };

function resultOf(candidate_id: string, fitness: number | null): CandidateResult {
  const common = {
    candidate_id,
    started_at: "",
    finished_at: "",
    duration_ms: 1,
    cpu_seconds: 0,
    peak_memory_bytes: 0,
    artifact_sha256: null,
    measurements: fitness === null ? [] : [fitness],
  };
  return fitness === null
    ? {
        ...common,
        status: "failed",
        fitness,
        metrics: null,
        error: { type: "NonZeroExit", message: "no", stderr_tail: "" },
      }
    : { ...common, status: "ok", fitness, metrics: {}, error: null };
}

it("a new tournament is written down, a known one left alone, one that is over answered", () => {
  const request = requestFor(1);
  const done: Done = { outcome: failed(request, "Cancelled", ""), order: 1 };
  const job = { request } as Job;
  const kindOf = (known: Partial<typeof NOTHING> | object) =>
    admit(request, () => ({ ...NOTHING, ...known }), LIMITS).kind;
  expect(kindOf({})).toBe("enqueue");
  expect(kindOf({ job, waiting: 2 })).toBe("known");
  expect(kindOf({ done, waiting: 2 })).toBe("repeat");
  expect(kindOf({ waiting: 2 })).toBe("refuse");
  const passing: Done = { outcome: failed(request, "StorageFailed", ""), order: 1 };
  expect(admit(request, () => ({ ...NOTHING, done: passing }), LIMITS)).toEqual({
    kind: "enqueue",
    isAnew: true,
  });
});

it("a request whose names cannot be a key or a folder is refused before anything is looked up", () => {
  const never = () => {
    throw new Error("looked up");
  };
  for (const changes of [
    { tournament_id: "a b" },
    { cycle_id: ".." },
    { candidates_path: "a.json" },
    { deadline_at: "soon" },
  ])
    expect(admit(requestFor(1, changes), never, LIMITS)).toMatchObject({
      kind: "refuse",
      outcome: { facts: { error_type: "InvalidRequest" } },
    });
});

it("the best by direction wins, the first of equals, and failures never do", () => {
  const fitnesses = fc.array(fc.option(fc.integer({ min: -3, max: 3 })), { minLength: 1, maxLength: 8 });
  fc.assert(
    fc.property(fitnesses, fc.constantFrom<Direction>("up", "down"), (values, direction) => {
      const entrants = candidates(values.map(() => ({})));
      const results = new Map(
        entrants.map(({ candidate_id: id }, index) => [id, resultOf(id, values[index]!)]),
      );
      const request = requestFor(values.length);
      const { signal, facts } = outcomeOf({
        request,
        candidates: entrants,
        results,
        direction,
        resultsPath: "r",
        durationSeconds: 1,
      });
      const numbers = values.filter((value) => value !== null);
      expect(signal).toBe(numbers.length > 0 ? "Q_TOURNAMENT_COMPLETE" : "Q_TOURNAMENT_FAILED");
      if (numbers.length === 0) return;
      const best = direction === "up" ? Math.max(...numbers) : Math.min(...numbers);
      expect(facts).toMatchObject({
        winner_id: entrants[values.indexOf(best)]!.candidate_id,
        winner_fitness: best,
        candidates_evaluated: numbers.length,
        candidates_failed: values.length - numbers.length,
      });
    }),
  );
});

it("a message of failures counts their kinds and shows the first", () => {
  const entrants = candidates([{}, {}]);
  const results = new Map(entrants.map(({ candidate_id: id }) => [id, resultOf(id, null)]));
  const { facts } = outcomeOf({
    request: requestFor(2),
    candidates: entrants,
    results,
    direction: "up",
    resultsPath: "",
    durationSeconds: 0,
  });
  expect(facts).toMatchObject({
    error_message: "2 of 2 candidates failed (2 NonZeroExit); c00001: no",
    retry_possible: false,
  });
});

it("a request can only narrow the evaluator's limits, and says how often is measured", () => {
  const { evaluator } = experimentWith();
  expect(evaluatorFor(evaluator, requestFor(1))).toEqual(evaluator);
  expect(
    evaluatorFor(
      evaluator,
      requestFor(1, { candidate_timeout_seconds: 1, candidate_memory_bytes: 2e12, repeats: 7 }),
    ),
  ).toEqual({ ...evaluator, timeout_s: 1, repeats: 7 });
});

it("each measurement has a seed of its own that depends on nothing else", () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 2 ** 31 - 1 }), (seed) => {
      const seeds = Array.from({ length: 20 }, (_, n) => measurementSeed(seed, n));
      expect(seeds[0]).toBe(seed);
      expect(seeds.every((one) => Number.isInteger(one) && one >= 0 && one < 2 ** 31)).toBe(true);
      expect(new Set(seeds).size).toBeGreaterThan(18);
      expect(Array.from({ length: 20 }, (_, n) => measurementSeed(seed, n))).toEqual(seeds);
    }),
  );
});

it("candidates have names fit for folders, each once, as many as were announced", () => {
  const [one, two] = candidates([{}, {}]);
  expect(candidatesProblem([one!, two!], 2)).toBeUndefined();
  expect(candidatesProblem([one!], 2)).toMatch(/candidate_count says 2/);
  expect(candidatesProblem([one!, one!], 2)).toMatch(/is there twice/);
  expect(candidatesProblem([{ ...one!, candidate_id: "../x" }], 1)).toMatch(/cannot name a folder/);
});
