/** What the contract lint says: which contract, where in its file, what is wrong, and what to do. */
import type { Contract } from "./contract.ts";

export type LintRule =
  | "invalid-schema"
  | "unknown-daemon"
  | "never-emitted"
  | "never-consumed"
  | "ingress-without-emitter"
  | "unfulfillable-expectation"
  | "unguarded-cycle"
  | "name-is-prefix"
  | "invalid-example"
  | "unknown-fact";

export interface LintFinding {
  readonly rule: LintRule;
  /** The signal whose contract is at fault. */
  readonly signal: string;
  /** Path of the contract's file; null for a contract that came from none. */
  readonly file: string | null;
  /** JSON Pointer into the file, `""` for the file as a whole. */
  readonly pointer: string;
  readonly message: string;
  readonly remedy: string;
}

const REMEDIES: Readonly<Record<LintRule, string>> = {
  "invalid-schema":
    "write JSON Schema 2020-12 with the formats date-time, date, uuid and uri; other knowledge goes into members named x-…",
  "unknown-daemon": "correct the name, or add the daemon to daemons.json beside signals/",
  "never-emitted": "name its emitter",
  "never-consumed": "name who is to hear it: kloros_policy_engine takes any signal",
  "ingress-without-emitter": "name the daemon that is to emit it when it is asked to",
  "unfulfillable-expectation": "correct what is expected, or take expects away",
  "unguarded-cycle": "add a guard to x-signal of one of them: a sentence that says why this ends",
  "name-is-prefix": "rename one of them",
  "invalid-example": "correct the example, or the schema",
  "unknown-fact": "name a fact that stands under properties",
};

/** A finding with its remedy. */
export function lintFinding(
  { name, file }: Pick<Contract, "name" | "file">,
  rule: LintRule,
  pointer: string,
  message: string,
): LintFinding {
  return { rule, signal: name, file: file ?? null, pointer, message, remedy: REMEDIES[rule] };
}
