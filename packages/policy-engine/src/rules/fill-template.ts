/** Makes an emission's facts from its plan. Pure. */
import type { Expression } from "../cel/expression.ts";
import type { EmissionPlan, Template } from "./rule.ts";

/** Runs one expression and gives its value as JSON. @throws {RuleFailure} */
export type Evaluate = (expression: Expression) => unknown;

/** @param known facts of the contract; members of `from` that are none are left out */
export function fillFacts(
  plan: EmissionPlan,
  known: readonly string[],
  evaluate: Evaluate,
): Record<string, unknown> {
  const taken = plan.from === null ? {} : (evaluate(plan.from) as Record<string, unknown>);
  const kept = Object.entries(taken).filter(([name]) => known.includes(name));
  return { ...Object.fromEntries(kept), ...(fill(plan.facts, evaluate) as Record<string, unknown>) };
}

function fill(template: Template, evaluate: Evaluate): unknown {
  switch (template.kind) {
    case "literal":
      return template.value;
    case "cel":
      return evaluate(template.expression);
    case "list":
      return template.items.map((item) => fill(item, evaluate));
    case "map":
      return Object.fromEntries(template.members.map(([name, value]) => [name, fill(value, evaluate)]));
  }
}

/** The value at a JSON Pointer of one or more steps; undefined when nothing is there. */
export function valueAt(facts: unknown, pointer: string): unknown {
  let value: unknown = facts;
  for (const step of pointer.split("/").slice(1)) {
    if (typeof value !== "object" || value === null) return undefined;
    value = (value as Record<string, unknown>)[step.replaceAll("~1", "/").replaceAll("~0", "~")];
  }
  return value;
}
