/** The lines of a generation's two files. A line that is none of ours, such as the torn last one of a crash, is nothing. */
import {
  type Check,
  either,
  isCount,
  isFinite,
  isName,
  isObject,
  isText,
  listOf,
  nullable,
  oneOf,
  optional,
  parseAs,
  shape,
} from "../json-shape.ts";
import { isParams } from "../search-space/params-shape.ts";
import type { Candidate, CandidateResult, FailureKind, Origin } from "./candidate.ts";

/** One line without its newline. */
export function encodeCandidate(candidate: Candidate): string {
  return JSON.stringify(candidate);
}

/** null when the line is no candidate. */
export function parseCandidate(line: string): Candidate | null {
  return parseAs(line, isCandidate);
}

/** The candidates of a whole file, in its order. */
export function parseCandidates(text: string): readonly Candidate[] {
  return text.split("\n").flatMap((line) => parseCandidate(line) ?? []);
}

/** One line without its newline. */
export function encodeResult(result: CandidateResult): string {
  return JSON.stringify(result);
}

/** null when the line is no result. */
export function parseResult(line: string): CandidateResult | null {
  return parseAs(line, isResult);
}

/** The results of a whole file, in its order: that in which the candidates finished. */
export function parseResults(text: string): readonly CandidateResult[] {
  return text.split("\n").flatMap((line) => parseResult(line) ?? []);
}

const isOrigin = shape<Origin>({
  kind: oneOf(
    "baseline",
    "promotion",
    "random",
    "mutation",
    "crossover",
    "model",
    "elite",
    "champion",
    "incumbent",
  ),
  parents: listOf(isName),
  promotion: optional(isName),
});

const isCandidate = shape<Candidate>({
  candidate_id: isName,
  generation: isCount,
  params: isParams,
  origin: isOrigin,
  seed: isCount,
});

const isFailureKind: Check<FailureKind> = oneOf(
  "Timeout",
  "CpuLimit",
  "MemoryLimit",
  "OutputLimit",
  "NonZeroExit",
  "Signalled",
  "NoResult",
  "InvalidResult",
  "NotFinite",
  "CannotStart",
  "ArtifactFailed",
  "OutOfTime",
);

const MEASURED = {
  candidate_id: isName,
  started_at: isName,
  finished_at: isName,
  duration_ms: isFinite,
  cpu_seconds: isFinite,
  peak_memory_bytes: isFinite,
  artifact_sha256: nullable(isName),
  measurements: listOf(isFinite),
};

const isResult: Check<CandidateResult> = either(
  shape<Extract<CandidateResult, { status: "ok" }>>({
    ...MEASURED,
    status: oneOf("ok"),
    fitness: isFinite,
    metrics: isObject,
    error: oneOf(null),
  }),
  shape<Extract<CandidateResult, { status: "failed" }>>({
    ...MEASURED,
    status: oneOf("failed"),
    fitness: oneOf(null),
    metrics: oneOf(null),
    error: shape<Extract<CandidateResult, { status: "failed" }>["error"]>({
      type: isFailureKind,
      message: isText,
      stderr_tail: isText,
    }),
  }),
);
