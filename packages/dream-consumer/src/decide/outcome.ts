/** How a cycle ends, and what is said of it. Pure. */
import type { Facts } from "@kloros/bus";
import type { Params } from "@kloros/experiments";

/** What `Q_DREAM_FAILED` can say. `retry`: the same request may succeed later without a change to its input. */
export const FAILURES = {
  ConfigInvalid: { retry: true, ackPromotions: false },
  NoExperiment: { retry: false, ackPromotions: false },
  QueueFull: { retry: true, ackPromotions: false },
  AllCandidatesFailed: { retry: false, ackPromotions: false },
  NoImprovement: { retry: false, ackPromotions: true },
  OutOfTime: { retry: true, ackPromotions: false },
  TournamentFailed: { retry: false, ackPromotions: false },
  ArtifactFailed: { retry: false, ackPromotions: false },
  FilesNotUsable: { retry: true, ackPromotions: false },
  Cancelled: { retry: false, ackPromotions: false },
} as const satisfies Record<string, { retry: boolean; ackPromotions: boolean }>;

export type FailureType = keyof typeof FAILURES;

export interface Failed {
  readonly kind: "failed";
  readonly error_type: FailureType;
  readonly error_message: string;
  readonly retry_possible: boolean;
  /** Of the final comparison, where it came to that. */
  readonly comparison: Measure | null;
}

/** What the final comparison measured. */
export interface Measure {
  readonly incumbent_fitness: number;
  /** Above 0: the champion is better. */
  readonly improvement: number;
  readonly p_value: number;
}

/** What was deployed, or stands for it, as the final comparison measured it. */
export interface Incumbent {
  /** null: the experiment's baseline, nothing is deployed. */
  readonly version_id: string | null;
  readonly params: Params;
}

/** A champion that held. */
export interface Won {
  readonly kind: "won";
  /** Median of the final comparison. */
  readonly fitness: number;
  /** null: there was nothing to compare with, or it did not run. */
  readonly comparison: Measure | null;
  readonly metrics: Readonly<Record<string, unknown>>;
  /** Of the artifact that was measured; null where there was none. */
  readonly artifact_sha256: string | null;
}

export type Outcome = Won | Failed;

/** A failure of its kind; `retry` where the circumstances know better than the kind. */
export function failed(error_type: FailureType, error_message: string, retry?: boolean): Failed {
  return {
    kind: "failed",
    error_type,
    error_message,
    retry_possible: retry ?? FAILURES[error_type].retry,
    comparison: null,
  };
}

/** Whether the cycle has used up the promotions that fed it: it ran to its end. */
export function usesUpPromotions(outcome: Outcome): boolean {
  return outcome.kind === "won" || FAILURES[outcome.error_type].ackPromotions;
}

/** The facts of a cycle that failed before it began. */
export function refusalFacts(
  cycle_id: string,
  topic: string | null,
  failure: Failed,
): Facts<"Q_DREAM_FAILED"> {
  const { error_type, error_message, retry_possible } = failure;
  return { cycle_id, topic, error_type, error_message, retry_possible };
}
