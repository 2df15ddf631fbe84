/** Runs a rule's expressions within their limits; what goes wrong names the line. Pure. */
import type { Contracts } from "@kloros/bus";
import { fromCel } from "../cel/cel-value.ts";
import type { Expression, Variables } from "../cel/expression.ts";
import type { Lookups } from "../cel/lookups.ts";
import type { Past, World } from "../gates/gate.ts";
import { fillFacts, valueAt } from "./fill-template.ts";
import { factNamesOf } from "./knowledge.ts";
import type { EmissionPlan } from "./rule.ts";

export interface Emission {
  readonly signal: string;
  readonly facts: Readonly<Record<string, unknown>>;
}

export interface Memory extends Past {
  isSpent(rule: string, token: string): boolean;
}

export interface Surroundings {
  readonly world: World;
  readonly memory: Memory;
  readonly contracts: Contracts;
  readonly lookups: Lookups;
  /** Stops what runs long. */
  readonly deadline: <T>(work: () => T) => T;
}

/** Longest token, and longest key, in characters: both are part of a key of durable state. */
export const MAX_TOKEN_CHARACTERS = 200;
export const MAX_KEY_CHARACTERS = 256;
/** Items of one `for_each`, and tokens of one item; contracts allow fewer. */
const MAX_ITEMS = 1_000;

/** A rule's mistake, with its line. */
export class RuleFailure extends Error {
  readonly line: number;
  constructor(line: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.line = line;
  }
}

export function evaluate(
  expression: Expression,
  variables: Variables,
  { deadline, lookups }: Surroundings,
): unknown {
  try {
    const work = (): unknown => fromCel(expression.run(variables, lookups));
    return expression.isQuick ? work() : deadline(work);
  } catch (cause) {
    const said = cause instanceof Error ? (cause.message.split("\n")[0] ?? "") : String(cause);
    throw new RuleFailure(expression.line, `${expression.source.trim()}: ${said}`, { cause });
  }
}

export function listOf(
  expression: Expression,
  variables: Variables,
  surroundings: Surroundings,
): readonly unknown[] {
  const value = evaluate(expression, variables, surroundings);
  if (!Array.isArray(value)) throw new RuleFailure(expression.line, `${expression.source}: it gave no list`);
  if (value.length > MAX_ITEMS)
    throw new RuleFailure(
      expression.line,
      `${expression.source}: ${value.length} items, at most ${MAX_ITEMS}`,
    );
  return value;
}

/** A list of texts, or one text. */
export function tokensOf(expression: Expression, variables: Variables, surroundings: Surroundings): string[] {
  const value = evaluate(expression, variables, surroundings);
  const list: readonly unknown[] = Array.isArray(value) ? value : [value];
  if (list.length > MAX_ITEMS)
    throw new RuleFailure(
      expression.line,
      `${expression.source}: ${list.length} tokens, at most ${MAX_ITEMS}`,
    );
  return list.map((token) => {
    const text = typeof token === "string" ? token : JSON.stringify(token);
    if (text.length > MAX_TOKEN_CHARACTERS)
      throw new RuleFailure(
        expression.line,
        `a token of ${expression.source} is longer than ${MAX_TOKEN_CHARACTERS} characters`,
      );
    return text;
  });
}

export function keyOf(expression: Expression, variables: Variables, surroundings: Surroundings): string {
  const value = evaluate(expression, variables, surroundings);
  const key = typeof value === "string" ? value : JSON.stringify(value);
  if (key.length > MAX_KEY_CHARACTERS)
    throw new RuleFailure(
      expression.line,
      `${expression.source}: a key has at most ${MAX_KEY_CHARACTERS} characters`,
    );
  return key;
}

export function emissionOf(
  plan: EmissionPlan,
  variables: Variables,
  surroundings: Surroundings,
  added: Readonly<Record<string, unknown>>,
): Emission {
  const { contracts } = surroundings;
  const known = factNamesOf(contracts.get(plan.signal));
  const filled = fillFacts(plan, known, (expression) => {
    const value = evaluate(expression, variables, surroundings);
    if (expression === plan.from && (typeof value !== "object" || value === null || Array.isArray(value)))
      throw new RuleFailure(expression.line, `${expression.source.trim()}: it gave no map`);
    return value;
  });
  const facts = { ...filled, ...added };
  const [problem, ...more] = contracts.problemsOut(plan.signal, facts); // I4
  if (problem !== undefined) {
    const others = more.length === 0 ? "" : ` (and ${more.length} more)`;
    throw new RuleFailure(plan.line, `${plan.signal}: facts${problem.path} ${problem.message}${others}`);
  }
  if (isTooLarge(facts))
    throw new RuleFailure(plan.line, `${plan.signal}: the facts are larger than ${MAX_FACTS_BYTES} bytes`);
  return { signal: plan.signal, facts };
}

/** What a signal holds, less what its envelope needs. */
const MAX_FACTS_BYTES = 1_000_000;
const MAX_BYTES_PER_CHARACTER = 3;
const encoder = new TextEncoder();

function isTooLarge(facts: Readonly<Record<string, unknown>>): boolean {
  const json = JSON.stringify(facts);
  return (
    json.length * MAX_BYTES_PER_CHARACTER > MAX_FACTS_BYTES && encoder.encode(json).length > MAX_FACTS_BYTES
  );
}

export function matchOf(contracts: Contracts, { signal, facts }: Emission): unknown {
  const pointer = contracts.get(signal)?.expects?.match;
  return pointer === undefined ? null : (valueAt(facts, pointer) ?? null);
}
