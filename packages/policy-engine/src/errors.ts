/** What keeps the policy engine from starting, and what becomes of a rule that is broken. */
import { KlorosError } from "@kloros/bus";
import { problemLine, type YamlProblem } from "@kloros/checked-yaml";
import { type ConfigProblem, ConfigError } from "@kloros/daemon";

/** The problems of an invalid `policies.yaml` as those of any configuration: exit 78. */
export function policiesConfigError(problems: readonly YamlProblem[]): ConfigError {
  return new ConfigError(
    problems.map((problem): ConfigProblem => ({
      setting: "",
      source: `${problem.file}, line ${problem.line}`,
      problem: problemLine(problem).slice(`${problem.file}:${problem.line}:${problem.column}: `.length),
      remedy: "correct it (kloros policies check)",
    })),
  );
}

/**
 * A rule of `policies.yaml` cannot be carried out: its expression threw or ran long, or what it emits breaks a contract.
 * Correct the rule in the line that is named; the other rules are not affected.
 */
export class PolicyRuleError extends KlorosError {
  readonly rule: string;

  constructor(rule: string, line: number, reason: string) {
    super("E_POLICY_RULE", `policies.yaml, line ${line}: the rule ${rule} cannot be carried out: ${reason}`);
    this.rule = rule;
  }
}

/**
 * So many decisions wait for their gates that no more are taken.
 * See `kloros policies list` for what they wait for; the signal is a dead letter and can be redriven.
 */
export class TooManyDeferredError extends KlorosError {
  constructor(rule: string, limit: number) {
    super(
      "E_TOO_MANY_DEFERRED",
      `${limit} decisions are deferred already; that of the rule ${rule} finds no place`,
    );
  }
}
