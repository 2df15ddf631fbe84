/**
 * What a request means, what a tournament's results mean, and how candidates are ranked. Pure: facts in, decisions out.
 *
 * P6 Each tournament that is asked for ends as exactly one `Q_TOURNAMENT_COMPLETE` or `Q_TOURNAMENT_FAILED`.
 */
import {
  better,
  type Candidate,
  type CandidateResult,
  type Direction,
  type Evaluator,
} from "@kloros/experiments";
import type { FailureKind } from "@kloros/experiments";
import type { Done, Job, Outcome, TournamentRequest } from "./jobs/job.ts";

/** Why a tournament fails, and whether the same request can succeed later without a change to its input. */
export const FAILURES = {
  /** The request, or a file that it names, is not as it must be. */
  InvalidRequest: false,
  /** A file that it needs cannot be read or written. */
  StorageFailed: true,
  /** Too many tournaments wait already. */
  QueueFull: true,
  /** No candidate has a fitness; `retry_possible` says whether one of the causes may pass. */
  AllCandidatesFailed: false,
  /** An operator stopped it. */
  Cancelled: false,
  /** A defect of this daemon; its log has the stack. */
  InternalError: true,
} as const satisfies Record<string, boolean>;

export type FailureType = keyof typeof FAILURES;

/** What becomes a folder's or a file's name. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,199}$/;
/** Failures of candidates that the machine's state may have caused. */
const PASSING: readonly FailureKind[] = ["Timeout", "MemoryLimit", "Signalled"];
const MAX_MESSAGE_CHARACTERS = 1_000;

export type Admission =
  | { readonly kind: "enqueue"; readonly isAnew: boolean }
  | { readonly kind: "repeat"; readonly outcome: Outcome }
  | { readonly kind: "known" }
  | { readonly kind: "refuse"; readonly outcome: Outcome };

/** What to do with a request, seen what is known of its tournament. A repetition is answered, never evaluated twice. */
export function admit(
  request: TournamentRequest,
  known: () => { readonly job: Job | undefined; readonly done: Done | undefined; readonly waiting: number },
  limits: { readonly maxWaiting: number },
): Admission {
  const problem = requestProblem(request);
  if (problem !== undefined) return { kind: "refuse", outcome: failed(request, "InvalidRequest", problem) };
  const { job, done, waiting } = known(); // The id is fit to be a key now.
  if (job) return { kind: "known" };
  const outcome = done?.outcome;
  if (outcome && !(outcome.signal === "Q_TOURNAMENT_FAILED" && outcome.facts.retry_possible))
    return { kind: "repeat", outcome };
  if (waiting >= limits.maxWaiting) {
    const message = `${waiting} tournaments wait already; ask again when some are over`;
    return { kind: "refuse", outcome: failed(request, "QueueFull", message) };
  }
  return { kind: "enqueue", isAnew: outcome !== undefined };
}

function requestProblem(request: TournamentRequest): string | undefined {
  for (const field of ["tournament_id", "cycle_id"] as const) {
    if (!NAME.test(request[field]))
      return `${field} must be of letters, digits, ., _ and - (at most 200, a letter or digit first)`;
  }
  if (!/\.candidates\.jsonl$/.test(request.candidates_path))
    return "candidates_path must name a file that ends in .candidates.jsonl";
  if (request.deadline_at !== undefined && Number.isNaN(Date.parse(request.deadline_at)))
    return "deadline_at must be a time";
  return undefined;
}

/** What is wrong with the candidates of a request; undefined: nothing. */
export function candidatesProblem(candidates: readonly Candidate[], expected: number): string | undefined {
  if (candidates.length !== expected)
    return `candidate_count says ${expected}, the file has ${candidates.length} candidates`;
  const seen = new Set<string>();
  for (const { candidate_id: id } of candidates) {
    if (!NAME.test(id)) return `candidate_id ${JSON.stringify(id)} cannot name a folder`;
    if (seen.has(id)) return `candidate_id ${id} is there twice`;
    seen.add(id);
  }
  return undefined;
}

/** The evaluator within what the request allows besides. */
export function evaluatorFor(evaluator: Evaluator, request: TournamentRequest): Evaluator {
  const { candidate_timeout_seconds = Infinity, candidate_memory_bytes = Infinity } = request;
  return {
    ...evaluator,
    timeout_s: Math.min(evaluator.timeout_s, candidate_timeout_seconds),
    limits: {
      ...evaluator.limits,
      memory_bytes: Math.min(evaluator.limits.memory_bytes, candidate_memory_bytes),
    },
    repeats: request.repeats ?? evaluator.repeats,
  };
}

/** Seed of a candidate's n-th measurement (from 0), 0 to 2^31-1: the candidate's own first, then others derived from it. */
export function measurementSeed(seed: number, measurement: number): number {
  if (measurement === 0) return seed;
  let mixed = Math.imul(seed ^ Math.imul(measurement, 0x9e3779b1), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return (mixed ^ (mixed >>> 16)) & 0x7fffffff;
}

export interface Ended {
  readonly request: TournamentRequest;
  /** In the order of the file: of equal fitness the first wins. */
  readonly candidates: readonly Candidate[];
  readonly results: ReadonlyMap<string, CandidateResult>;
  readonly direction: Direction;
  /** Relative to the home. */
  readonly resultsPath: string;
  readonly durationSeconds: number;
}

/** The one signal that ends a tournament whose candidates all have a result. */
export function outcomeOf(ended: Ended): Outcome {
  const { request, candidates, direction } = ended;
  const results = candidates.map(({ candidate_id }) => ended.results.get(candidate_id)!);
  const failures = results.filter((result) => result.status === "failed");
  let winner: Extract<CandidateResult, { status: "ok" }> | undefined;
  for (const result of results) {
    if (result.status === "ok" && (!winner || better(direction, result.fitness, winner.fitness)))
      winner = result;
  }
  if (!winner) {
    const retry_possible = failures.some(({ error }) => PASSING.includes(error.type));
    const failure = failed(request, "AllCandidatesFailed", failuresMessage(failures), failures.length);
    return { ...failure, facts: { ...failure.facts, retry_possible } };
  }
  return {
    signal: "Q_TOURNAMENT_COMPLETE",
    facts: {
      tournament_id: request.tournament_id,
      cycle_id: request.cycle_id,
      candidates_evaluated: results.length - failures.length,
      candidates_failed: failures.length,
      winner_id: winner.candidate_id,
      winner_fitness: winner.fitness,
      results_path: ended.resultsPath,
      duration_seconds: Math.max(0, Math.round(ended.durationSeconds * 1_000) / 1_000),
    },
  };
}

/** The signal of a tournament that cannot be held. */
export function failed(
  request: TournamentRequest,
  error_type: FailureType,
  message: string,
  candidates_failed?: number,
): Extract<Outcome, { signal: "Q_TOURNAMENT_FAILED" }> {
  return {
    signal: "Q_TOURNAMENT_FAILED",
    facts: {
      tournament_id: request.tournament_id,
      cycle_id: request.cycle_id,
      error_type,
      error_message: message.slice(0, MAX_MESSAGE_CHARACTERS),
      retry_possible: FAILURES[error_type],
      ...(candidates_failed !== undefined && { candidates_failed }),
    },
  };
}

/** `5 of 5 candidates failed (3 Timeout, 2 NonZeroExit); c00001: the evaluator ended with exit code 1` */
function failuresMessage(failures: readonly Extract<CandidateResult, { status: "failed" }>[]): string {
  const counts = new Map<string, number>();
  for (const { error } of failures) counts.set(error.type, (counts.get(error.type) ?? 0) + 1);
  const kinds = [...counts].sort((a, b) => b[1] - a[1]).map(([type, count]) => `${count} ${type}`);
  const first = failures[0]!;
  const all = `${failures.length} of ${failures.length} candidates failed (${kinds.join(", ")})`;
  return `${all}; ${first.candidate_id}: ${first.error.message}`;
}
