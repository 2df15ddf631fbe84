/** What is remembered of one question: durable state, and an element of `questions` in `semantic_evidence.json`. */

export interface QuestionEntry {
  readonly question_id: string;
  readonly question: string;
  /** What the asker knew, so that it can be asked again. */
  readonly evidence: readonly string[];
  readonly status: "completed" | "failed";
  readonly hypothesis: string;
  readonly confidence: number;
  readonly error_type: string | null;
  readonly module: { readonly name: string; readonly path: string } | null;
  /** What was found, shortened: a description, and names of what the module can do. */
  readonly findings: readonly string[];
  /** The last investigation. */
  readonly investigation_id: string;
  readonly investigations: number;
  /** Failures since the last success. */
  readonly failures: number;
  /** Times that this daemon has asked for it again. */
  readonly asked_again: number;
  /** It failed so often that it is not asked for again until it succeeds. */
  readonly suppressed: boolean;
  /** A re-investigation that is to come (`asked: false`) or runs. */
  readonly pending: PendingRequest | null;
  /** Id of the oldest question of a group of near-duplicates; its own id when it is alone. */
  readonly cluster: string;
  /** Most alike first. */
  readonly near_duplicates: readonly NearDuplicate[];
  /** Findings of others that contradicted these and led to a re-investigation, as hashes. */
  readonly contested: readonly string[];
  /** RFC 3339, UTC. */
  readonly first_at: string;
  readonly last_at: string;
  /** Place in the order of investigations; the lowest is forgotten first. */
  readonly order: number;
}

export interface NearDuplicate {
  readonly question_id: string;
  /** `question`: asks the same; `finding`: something else was asked and the same was found; `contradiction`: asks the same, and something else was found. */
  readonly kind: "question" | "finding" | "contradiction";
  /** The documented combination of the two, 0 to 1. */
  readonly similarity: number;
  readonly question_similarity: number;
  readonly findings_similarity: number | null;
}

export interface PendingRequest {
  readonly reason: "contradiction" | "low_confidence" | "failed";
  readonly similar_question_id: string | null;
  readonly similarity: number | null;
  readonly causation_id: string;
  readonly correlation_id: string;
  readonly asked: boolean;
}
