/**
 * One CEL expression of `policies.yaml`: compiled and checked when the file is read, run for each signal. Pure.
 *
 * Checked at load, beyond CEL's own types: that the facts it names are facts of the signal, that lookups ask for signals
 * which the engine knows, and that time spans are such.
 */
import { type ASTNode, Environment } from "@marcbachmann/cel-js";
import { didYouMean } from "@kloros/checked-yaml";
import { type Lookups, lookupFunctions } from "./lookups.ts";
import { spanMs } from "./span.ts";
import { nodesOf } from "./syntax-tree.ts";

/** What an expression may name. Values are CEL's, see `toCel`. */
export interface Variables {
  readonly facts: unknown;
  readonly signal: unknown;
  readonly trigger: unknown;
  readonly resources: unknown;
  readonly now: Date;
  readonly each?: unknown;
  readonly fresh?: unknown;
  readonly fresh_index?: unknown;
}

export interface Expression {
  readonly source: string;
  /** Where it stands in the file, counted from 1. */
  readonly line: number;
  /** Facts that it names, for telling why it said no. */
  readonly factNames: readonly string[];
  /** Takes time in proportion to its length whatever the facts, so that no deadline is needed. */
  readonly isQuick: boolean;
  /** @throws what CEL throws: a missing fact, a wrong type, no such index */
  run(variables: Variables, lookups: Lookups): unknown;
}

export interface ExpressionContext {
  /** Facts of the signal that the rule answers. */
  readonly factNames: readonly string[];
  /** Signals that lookups may name. */
  readonly knownSignals: readonly string[];
  /** Which of `each`, `fresh`, `fresh_index` are bound here. */
  readonly bound: readonly ("each" | "fresh" | "fresh_index")[];
}

export type Wanted = "bool" | "list" | "map" | "any";

const LIMITS = {
  maxAstNodes: 2_000,
  maxDepth: 64,
  maxListElements: 1_000,
  maxMapEntries: 256,
  maxCallArguments: 32,
};
const RESOURCES = ["disk_free_bytes", "disk_free_percent", "memory_free_bytes", "load1", "cpus"];
const ENVELOPE = [
  "signal",
  "id",
  "timestamp",
  "source",
  "version",
  "priority",
  "correlation_id",
  "causation_id",
  "seq",
];
const TRIGGER = ["signal", "id", "facts", "attempt", "retry_of"];
const ACCEPTED: Readonly<Record<Wanted, RegExp>> = {
  bool: /^(bool|dyn)$/,
  list: /^(list\b.*|dyn)$/,
  map: /^(map\b.*|dyn)$/,
  any: /^/,
};

/** The expression; or, told through `problem`, what is wrong with it. */
export function compileExpression(
  source: string,
  line: number,
  wanted: Wanted,
  context: ExpressionContext,
  problem: (message: string) => void,
): Expression | null {
  let current: Lookups | null = null;
  const environment = new Environment({
    enableOptionalTypes: true,
    homogeneousAggregateLiterals: false,
    limits: LIMITS,
  });
  for (const name of ["facts", "signal", "resources"]) environment.registerVariable(name, "map<string, dyn>");
  environment.registerVariable("trigger", "dyn").registerVariable("now", "google.protobuf.Timestamp");
  if (context.bound.includes("each")) environment.registerVariable("each", "dyn");
  if (context.bound.includes("fresh")) environment.registerVariable("fresh", "list<string>");
  if (context.bound.includes("fresh_index")) environment.registerVariable("fresh_index", "list<int>");
  lookupFunctions(environment, () => current);

  const checked = environment.check(source);
  if (!checked.valid) {
    problem(`is no valid CEL: ${checked.error?.summary ?? "it cannot be read"} (in: ${shortened(source)})`);
    return null;
  }
  if (!ACCEPTED[wanted].test(String(checked.type))) {
    problem(`must give ${wantedWords(wanted)}, but gives ${String(checked.type)} (in: ${shortened(source)})`);
    return null;
  }
  const run = environment.parse(source);
  const nodes = [...nodesOf(run.ast)];
  const problems = nodes.flatMap((node) => [
    ...memberProblems(node, context),
    ...lookupProblems(node, context),
  ]);
  for (const message of problems) problem(`${message} (in: ${shortened(source)})`);
  if (problems.length > 0) return null;
  const named = nodes.flatMap((node) => memberOf(node, "facts") ?? []);
  return {
    source,
    line,
    factNames: [...new Set(named)],
    isQuick: nodes.every(isQuick),
    run: (variables, lookups) => {
      current = lookups;
      try {
        return run({ ...variables }) as unknown;
      } finally {
        current = null;
      }
    },
  };
}

function memberProblems(node: ASTNode, { factNames }: ExpressionContext): string[] {
  const places = { facts: factNames, resources: RESOURCES, signal: ENVELOPE, trigger: TRIGGER };
  return Object.entries(places).flatMap(([variable, known]) => {
    const member = memberOf(node, variable);
    if (member === null || known.includes(member)) return [];
    const meant = didYouMean(member, known);
    return [
      `${variable}.${member} does not exist: ${meant === undefined ? `there are ${known.join(", ")}` : `did you mean ${meant}?`}`,
    ];
  });
}

/** `facts.name`, `facts.?name` and `facts["name"]`: the name. */
function memberOf(node: ASTNode, variable: string): string | null {
  if (node.op !== "." && node.op !== ".?" && node.op !== "[]" && node.op !== "[?]") return null;
  const [object, member] = node.args;
  if (object.op !== "id" || object.args !== variable) return null;
  if (typeof member === "string") return member;
  return member.op === "value" && typeof member.args === "string" ? member.args : null;
}

/** Functions without a loop over what they are given, or with one that facts of a megabyte cannot make long. */
const QUICK = new Set(
  "has size string int double bool startsWith endsWith contains orValue hasValue value count recent in_flight last_outcome restart_target".split(
    " ",
  ),
);

function isQuick({ op, args }: ASTNode): boolean {
  return (op !== "call" && op !== "rcall") || QUICK.has(args[0]);
}

const BY_SIGNAL = ["recent", "count", "in_flight", "last_outcome"];

function lookupProblems(node: ASTNode, { knownSignals }: ExpressionContext): string[] {
  if (node.op !== "call") return [];
  const [name, [signal, span]] = node.args;
  if (!BY_SIGNAL.includes(name)) return [];
  const problems: string[] = [];
  if (signal?.op !== "value" || typeof signal.args !== "string")
    problems.push(`${name}() takes the name of a signal in quotes`);
  else if (!knownSignals.includes(signal.args)) {
    const meant = didYouMean(signal.args, knownSignals);
    problems.push(
      `${name}(): the policy engine neither consumes nor emits ${signal.args}${meant === undefined ? "" : `; did you mean ${meant}?`}`,
    );
  }
  if (
    span !== undefined &&
    (span.op !== "value" || typeof span.args !== "string" || spanMs(span.args) === null)
  )
    problems.push(`${name}() takes a time span in quotes, such as "30m" or "1h"`);
  return problems;
}

function wantedWords(wanted: Wanted): string {
  return { bool: "true or false", list: "a list", map: "a map", any: "a value" }[wanted];
}

const SHOWN_CHARACTERS = 120;

function shortened(source: string): string {
  const line = source.replaceAll(/\s+/g, " ").trim();
  return line.length <= SHOWN_CHARACTERS ? line : `${line.slice(0, SHOWN_CHARACTERS)}…`;
}
