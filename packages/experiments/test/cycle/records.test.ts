import { expect, it } from "vitest";
import {
  type Candidate,
  type CandidateResult,
  type CycleRecord,
  type CycleSummary,
  encodeCandidate,
  encodeCycle,
  encodeResult,
  encodeSummary,
  encodeWinner,
  parseCandidate,
  parseCandidates,
  parseCycle,
  parseDreamFile,
  parseResult,
  parseResults,
  parseSummary,
  parseWinner,
  type WinnerRecord,
} from "@kloros/experiments";

const CANDIDATE: Candidate = {
  candidate_id: "c00001",
  generation: 0,
  params: { x: 1, mode: "text", fast: true },
  origin: { kind: "promotion", parents: [], promotion: "p.json" },
  seed: 2 ** 31 - 1,
};
const MEASURED = {
  candidate_id: "c00001",
  started_at: "2026-01-01T00:00:00.000Z",
  finished_at: "2026-01-01T00:00:01.000Z",
  duration_ms: 1000,
  cpu_seconds: 0.5,
  peak_memory_bytes: 1,
  artifact_sha256: "ab",
};
const OK: CandidateResult = {
  ...MEASURED,
  status: "ok",
  fitness: 1.5,
  measurements: [1, 1.5, 2],
  metrics: { ratio: 3 },
  error: null,
};
const FAILED: CandidateResult = {
  ...MEASURED,
  artifact_sha256: null,
  status: "failed",
  fitness: null,
  measurements: [],
  metrics: null,
  error: { type: "Timeout", message: "too slow", stderr_tail: "…" },
};
const CYCLE: CycleRecord = {
  schema: "kloros.cycle/1",
  cycle_id: "dream_20260101_000000_0123abcd",
  experiment: experiment(),
  topic: null,
  trigger_id: "t",
  correlation_id: "c",
  attempt: 1,
  seed: 4,
  run: {
    seed: 1,
    global_budget: { wallclock_sec: 1, max_candidates: 2, max_generations: 3 },
    scheduling: { max_parallel: 1, backoff_sec: 0 },
  },
  mutators: { algorithm: "auto", gaussian_sigma: 0.1, categorical_rate: 0.2, crossover_rate: 0.5 },
  promotions: [{ file: "p.json", key: "sha256:00", params: null }],
  incumbent: { version_id: null, params: { x: 2 } },
  started_at: "2026-01-01T00:00:00.000Z",
};
const SUMMARY: CycleSummary = {
  schema: "kloros.summary/1",
  cycle_id: CYCLE.cycle_id,
  experiment: "a",
  topic: "t",
  status: "failed",
  error: { type: "NoImprovement", message: "equal" },
  started_at: "2026-01-01T00:00:00.000Z",
  finished_at: "2026-01-01T00:00:01.000Z",
  duration_seconds: 1,
  generations: 1,
  candidates: 2,
  failed: 1,
  best: { candidate_id: "c00001", fitness: 1, params: { x: 1 } },
  incumbent: null,
  improvement: null,
  p_value: null,
  winner_id: null,
  generations_table: [{ generation: 0, best: 1, median: 1, worst: 1, failed: 1, best_so_far: null }],
  promotions_acknowledged: ["p.json"],
};
const WINNER: WinnerRecord = {
  schema: "kloros.winner/1",
  cycle_id: CYCLE.cycle_id,
  experiment: "a",
  winner_id: "c00001",
  params: { x: 1 },
  fitness: 2,
  incumbent: { version_id: null, params: { x: 2 }, fitness: 1 },
  improvement: 1,
  p_value: 0,
  metrics: {},
  artifact: { file: "params.json", sha256: "ab" },
  promotions: [],
  created_at: "2026-01-01T00:00:00.000Z",
};

function experiment() {
  const text = `experiments: [{name: a, search_space: {"2": {type: real, min: 0, max: 1}, x: [1, 2]}, evaluator: {command: [r]},
    validate: {command: [v]}, probation: {command: [p]}, artifact: {source: s, mutator: {command: [m]}}}]`;
  const reading = parseDreamFile(text.replace('"2"', "z2"), "dream.yaml");
  if (reading.kind === "invalid") throw new Error(JSON.stringify(reading.problems));
  return reading.value.experiments[0]!;
}

it("every record is read as it was written", () => {
  expect(parseCandidate(encodeCandidate(CANDIDATE))).toEqual(CANDIDATE);
  expect(parseResult(encodeResult(OK))).toEqual(OK);
  expect(parseResult(encodeResult(FAILED))).toEqual(FAILED);
  expect(parseCycle(encodeCycle(CYCLE))).toEqual(CYCLE);
  expect(parseSummary(encodeSummary(SUMMARY))).toEqual(SUMMARY);
  expect(parseWinner(encodeWinner(WINNER))).toEqual(WINNER);
});

it("the order of a search space survives", () => {
  expect([...(parseCycle(encodeCycle(CYCLE))?.experiment.search_space.keys() ?? [])]).toEqual(["z2", "x"]);
});

it("a line is one line", () => {
  const candidate = { ...CANDIDATE, params: { x: "a\nb" } };
  expect(encodeCandidate(candidate)).not.toContain("\n");
});

it("the torn last line of a crash, and lines that are none of ours, are passed over", () => {
  const text = [encodeResult(OK), "", "garbage", '{"candidate_id": "c00002"}', encodeResult(FAILED)].join(
    "\n",
  );
  expect(parseResults(text)).toEqual([OK, FAILED]);
  expect(parseResults(`${text}\n${encodeResult(OK).slice(0, -5)}`)).toEqual([OK, FAILED]);
  expect(parseCandidates(`${encodeCandidate(CANDIDATE)}\n{"cand`)).toEqual([CANDIDATE]);
});

it("fields of a later version are kept, wrong types are refused", () => {
  expect(parseCandidate(JSON.stringify({ ...CANDIDATE, more: 1 }))).toMatchObject({ more: 1 });
  expect(parseCandidate(JSON.stringify({ ...CANDIDATE, generation: "0" }))).toBeNull();
  expect(parseCandidate(JSON.stringify({ ...CANDIDATE, params: { x: null } }))).toBeNull();
  expect(parseWinner(JSON.stringify({ ...WINNER, schema: "kloros.winner/2" }))).toBeNull();
  expect(parseSummary(JSON.stringify({ ...SUMMARY, status: "done" }))).toBeNull();
  expect(
    parseCycle(JSON.stringify({ ...CYCLE, experiment: { ...CYCLE.experiment, search_space: {} } })),
  ).toBeNull();
});

it("a failed candidate has no fitness, and one with a fitness has not failed", () => {
  expect(parseResult(JSON.stringify({ ...FAILED, fitness: -1 }))).toBeNull();
  expect(parseResult(JSON.stringify({ ...OK, fitness: null }))).toBeNull();
  expect(parseResult(encodeResult(OK).replace("1.5,", "1e999,"))).toBeNull();
});
