/** What the contract lint says. */
export type LintRule =
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
  readonly message: string;
}
