/** A candidate and what became of it: the lines of a generation's two files. */
import type { Params } from "../search-space/search-space.ts";

/** Where a candidate comes from. */
export interface Origin {
  readonly kind:
    | "baseline"
    | "promotion"
    | "random"
    | "mutation"
    | "crossover"
    | "model"
    | "elite"
    | "champion"
    | "incumbent";
  /** Ids of the candidates that it was made from. */
  readonly parents: readonly string[];
  /** File name of the promotion that it was taken from. */
  readonly promotion?: string;
}

/** One line of `generations/gNNN.candidates.jsonl`. */
export interface Candidate {
  /** `c00042`: unique in its cycle, in the order of their making. */
  readonly candidate_id: string;
  readonly generation: number;
  readonly params: Params;
  readonly origin: Origin;
  /** For evaluators and mutators that draw lots, 0 to 2^31-1. */
  readonly seed: number;
}

export type FailureKind =
  | "Timeout"
  | "CpuLimit"
  | "MemoryLimit"
  | "OutputLimit"
  | "NonZeroExit"
  | "Signalled"
  | "NoResult"
  | "InvalidResult"
  | "NotFinite"
  | "CannotStart"
  | "ArtifactFailed"
  | "OutOfTime";

/** One line of `generations/gNNN.results.jsonl`. A failed candidate has no fitness at all. */
export type CandidateResult = {
  readonly candidate_id: string;
  readonly started_at: string;
  readonly finished_at: string;
  readonly duration_ms: number;
  readonly cpu_seconds: number;
  readonly peak_memory_bytes: number;
  /** SHA-256 of the artifact; null when there is none. */
  readonly artifact_sha256: string | null;
} & (
  | {
      readonly status: "ok";
      /** Median of `measurements`. */
      readonly fitness: number;
      readonly measurements: readonly number[];
      /** Metrics of the median measurement. */
      readonly metrics: Readonly<Record<string, unknown>>;
      readonly error: null;
    }
  | {
      readonly status: "failed";
      readonly fitness: null;
      /** Those that were made before the failure. */
      readonly measurements: readonly number[];
      readonly metrics: null;
      readonly error: { readonly type: FailureKind; readonly message: string; readonly stderr_tail: string };
    }
);
