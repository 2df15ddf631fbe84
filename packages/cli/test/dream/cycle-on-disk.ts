/** The folder of a cycle as the daemons leave it. */
import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import {
  type Candidate,
  type CandidateResult,
  cyclePaths,
  type CycleSummary,
  encodeCandidate,
  encodeCycle,
  encodeResult,
  encodeSummary,
  parseDreamFile,
} from "@kloros/experiments";

const TIME = "2026-01-31T12:00:00.000Z";

export function summaryOf(cycle_id: string, change: Partial<CycleSummary> = {}): CycleSummary {
  return {
    schema: "kloros.summary/1",
    cycle_id,
    experiment: "squeeze",
    topic: null,
    status: "complete",
    started_at: TIME,
    finished_at: TIME,
    duration_seconds: 21,
    generations: 1,
    candidates: 3,
    failed: 1,
    best: { candidate_id: "c00001", fitness: 5.5, params: { x: 2 } },
    incumbent: { version_id: null, fitness: 4.5, params: { x: 1 } },
    improvement: 1,
    p_value: 0,
    winner_id: "c00001",
    generations_table: [{ generation: 0, best: 5.5, median: 5, worst: 4.5, failed: 1, best_so_far: 5.5 }],
    promotions_acknowledged: ["p.json"],
    ...change,
  };
}

/** `summary: null`: the cycle has not ended. */
export function writeCycle(home: string, cycle_id: string, summary: CycleSummary | null): void {
  const paths = cyclePaths(home, cycle_id);
  mkdirSync(dirname(paths.candidates("g000")), { recursive: true });
  const dream = parseDreamFile(
    "experiments: [{name: squeeze, search_space: {x: [1, 2, 3]}, evaluator: {command: [r]}}]",
    "dream.yaml",
  );
  if (dream.kind === "invalid") throw new Error(JSON.stringify(dream.problems));
  const { run, mutators, experiments } = dream.value;
  const cycle = encodeCycle({
    schema: "kloros.cycle/1",
    cycle_id,
    experiment: experiments[0]!,
    topic: null,
    trigger_id: "t",
    correlation_id: "c",
    attempt: 1,
    seed: 1,
    run,
    mutators,
    promotions: [],
    incumbent: null,
    started_at: TIME,
  });
  writeFileSync(paths.cycle, cycle);
  const candidates = [0, 1, 2].map((index) => candidate(index));
  writeFileSync(paths.candidates("g000"), candidates.map((each) => `${encodeCandidate(each)}\n`).join(""));
  writeFileSync(
    paths.results("g000"),
    `${encodeResult(ok("c00000", 4.5))}\n${encodeResult(ok("c00001", 5.5))}\n${encodeResult(failed("c00002"))}\n{"torn`,
  );
  if (summary) writeFileSync(paths.summary, encodeSummary(summary));
}

function candidate(index: number): Candidate {
  const candidate_id = `c0000${index}`;
  return {
    candidate_id,
    generation: 0,
    params: { x: index + 1 },
    origin: { kind: "random", parents: [] },
    seed: 1,
  };
}

const measured = (candidate_id: string) => ({
  candidate_id,
  started_at: TIME,
  finished_at: TIME,
  duration_ms: 100,
  cpu_seconds: 0.1,
  peak_memory_bytes: 1,
  artifact_sha256: null,
});

function ok(id: string, fitness: number): CandidateResult {
  return { ...measured(id), status: "ok", fitness, measurements: [fitness], metrics: {}, error: null };
}

function failed(id: string): CandidateResult {
  const error = { type: "NonZeroExit" as const, message: "ended with 3", stderr_tail: "I give up\u001b[31m" };
  return { ...measured(id), status: "failed", fitness: null, measurements: [], metrics: null, error };
}
