/** What `policies.yaml` says, read and checked. Time spans in milliseconds, amounts in bytes. No code. */
import type { Expression } from "../cel/expression.ts";
import type { PresenceProbe } from "../surroundings/presence.ts";
import type { QuietHours } from "../gates/quiet-hours.ts";

export interface Policies {
  readonly rules: readonly Rule[];
  readonly presence: PresenceProbe | null;
  readonly quietHours: QuietHours | null;
}

export interface Rule {
  readonly name: string;
  /** In the file, counted from 1. */
  readonly line: number;
  /** Name of the signal that it answers. */
  readonly on: string;
  readonly when: Expression | null;
  readonly forEach: Expression | null;
  /** Tokens: what triggered once never triggers again. */
  readonly once: Expression | null;
  /** What gates count by; null: all that the rule does is one. */
  readonly key: Expression | null;
  readonly emit: EmissionPlan;
  readonly retry: Retry | null;
  readonly gates: Gates;
  readonly refresh: Refresh | null;
}

export interface EmissionPlan {
  readonly signal: string;
  readonly line: number;
  /** A map whose members are taken over where the contract knows them. */
  readonly from: Expression | null;
  readonly facts: Template;
}

/** A value of YAML in which any part may be an expression. */
export type Template =
  | { readonly kind: "literal"; readonly value: unknown }
  | { readonly kind: "cel"; readonly expression: Expression }
  | { readonly kind: "map"; readonly members: readonly (readonly [string, Template])[] }
  | { readonly kind: "list"; readonly items: readonly Template[] };

/** Asks again for work whose trigger ended badly: the emission gets `attempt` and `retry_of`. */
export interface Retry {
  /** Attempts in all, the first included. */
  readonly maxAttempts: number;
  /** Wait before the second attempt; it grows by `factor` from attempt to attempt, up to `maxDelayMs`. */
  readonly delayMs: number;
  readonly factor: number;
  readonly maxDelayMs: number;
  /** What is emitted, ungated, when all attempts are used up. */
  readonly exhausted: EmissionPlan | null;
}

/** A signal that asks for fresh facts before a deferred decision is made. Its answer is a whole picture. */
export interface Refresh {
  readonly signal: string;
  readonly facts: Readonly<Record<string, unknown>>;
  /** Longest wait for the answer; then the stored facts decide. */
  readonly withinMs: number;
}

export interface Gates {
  readonly maintenance: boolean;
  readonly quietHours: boolean;
  /** The presence at which the gate is open. */
  readonly presence: "absent" | "present" | null;
  /** `same`: closed while one with the same match is under way; `any`: while any is. */
  readonly inFlight: "same" | "any" | null;
  /** Signals while one of which is under way the gate is closed. */
  readonly notDuring: readonly string[];
  readonly cooldownMs: number | null;
  readonly rate: { readonly max: number; readonly perMs: number } | null;
  readonly breaker: Breaker | null;
  readonly diskFree: Reserve | null;
  readonly memoryFree: Reserve | null;
  /** Highest one-minute load for each processor. */
  readonly loadPerCpu: number | null;
}

/** Closed below the smaller of the two. */
export interface Reserve {
  readonly bytes: number;
  readonly percent: number;
}

export interface Breaker {
  /** Signals that count as failures. */
  readonly on: readonly string[];
  /** Values of `error_type` that are no failures. */
  readonly ignoring: readonly string[];
  /** Signals that count as success and reset it. */
  readonly success: readonly string[];
  readonly failures: number;
  readonly withinMs: number;
  /** After so long without a failure one attempt is let through. */
  readonly resetMs: number;
}
