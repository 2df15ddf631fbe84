/** What an artifact is made of, and where. */
import type { ArtifactSpec, EvaluatorLimits } from "../dream-file/dream-file.ts";
import type { Params } from "../search-space/search-space.ts";

export interface ArtifactRequest {
  readonly spec: ArtifactSpec;
  readonly params: Params;
  /** Scratch folder of the candidate, absolute; made if it is missing. */
  readonly workDir: string;
  readonly home: string;
  readonly workspace: string;
  /** 0 to 2^31-1, for mutators that draw lots. */
  readonly seed: number;
  readonly candidateId: string;
  readonly cycleId?: string;
  /** Of the mutator's processes. @see BoundedRun.label */
  readonly label: string;
  /** For the mutator. */
  readonly limits: EvaluatorLimits;
  /** Less than the mutator's own limit where there is less time, in milliseconds. */
  readonly timeoutMs?: number;
  /** false: for a scratch folder, whose content may be gone after a power cut; saves the disk's syncs. Default true. */
  readonly isDurable?: boolean;
  readonly signal?: AbortSignal;
}
