/** A line of `policy_decisions.jsonl`: one decision, or how often one was repeated. No code but two constants. */
import type { GateState } from "../gates/gate.ts";

export const DECISION_SCHEMA = "kloros.decision/1";
export const REPETITION_SCHEMA = "kloros.decision-repeated/1";

export type DecisionOutcome = "yes" | "no" | "deferred" | "error" | "no_rule";

export interface Decision {
  readonly schema: typeof DECISION_SCHEMA;
  readonly id: string;
  /** RFC 3339, UTC. */
  readonly at: string;
  readonly outcome: DecisionOutcome;
  /** null: no rule answers the signal. */
  readonly rule: string | null;
  /** What the rule's gates count by. */
  readonly key: string | null;
  /** In a sentence. */
  readonly reason: string;
  readonly signal: DecidedSignal;
  readonly emitted: readonly EmittedShort[];
  readonly gates: readonly Omit<GateState, "opensInMs">[];
  readonly inputs: {
    readonly facts: unknown;
    readonly trigger?: unknown;
    readonly resources?: unknown;
    readonly presence?: string;
  };
  /** The decision that deferred it, when it was. */
  readonly deferred_by?: string;
  /** Line of the rule that is wrong. */
  readonly line?: number;
  /** First 12 hex digits of the SHA-256 of the rules in force. */
  readonly policies: string;
}

export interface DecidedSignal {
  readonly signal: string;
  readonly id: string;
  readonly source: string;
  readonly timestamp: string;
  readonly correlation_id: string;
  readonly causation_id: string | null;
}

export interface EmittedShort {
  readonly signal: string;
  readonly id: string;
  readonly facts: unknown;
}

/** Signals that led to the same decision again, for the same reason. */
export interface Repetition {
  readonly schema: typeof REPETITION_SCHEMA;
  readonly id: string;
  /** The decision that was repeated. */
  readonly decision: string;
  readonly rule: string | null;
  readonly key: string | null;
  readonly signal: string;
  /** Repetitions in this line, and in all since the decision. */
  readonly count: number;
  readonly total: number;
  readonly first_at: string;
  readonly last_at: string;
  /** Ids of the signals in this line. */
  readonly signal_ids: readonly string[];
}
