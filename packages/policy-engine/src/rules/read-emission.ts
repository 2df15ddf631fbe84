/** Reads what a rule emits, and checks as much of it against the contract as can be known before there are facts. Pure. */
import type { Contract } from "@kloros/bus";
import { type Cursor, didYouMean } from "@kloros/checked-yaml";
import {
  compileExpression,
  type Expression,
  type ExpressionContext,
  type Wanted,
} from "../cel/expression.ts";
import { factNamesOf, type Knowledge, requiredFactsOf, signalProblem } from "./knowledge.ts";
import type { EmissionPlan, Template } from "./rule.ts";

/** Longest expression, in characters. */
const MAX_EXPRESSION_CHARACTERS = 4_000;
/** Deeper than any contract. */
const MAX_TEMPLATE_DEPTH = 16;

/** An expression written as a text; the key `cel` of a mapping is read by the caller. */
export function readExpression(at: Cursor, wanted: Wanted, context: ExpressionContext): Expression | null {
  if (at.kind === "scalar" && typeof at.scalar() !== "string")
    return compileExpression(String(at.scalar()), at.line, wanted, context, (message) => at.problem(message));
  const source = at.string({ max: MAX_EXPRESSION_CHARACTERS });
  if (source === "") return null;
  return compileExpression(source, at.line, wanted, context, (message) => at.problem(message));
}

/** @param added facts that the engine itself adds */
export function readEmission(
  at: Cursor,
  knowledge: Knowledge,
  context: ExpressionContext,
  added: readonly string[] = [],
): EmissionPlan {
  return at.map((fields) => {
    const named = fields.required("signal");
    const signal = named.string();
    const wrong = signal === "" ? null : signalProblem(knowledge, signal, "emitted");
    if (wrong !== null) named.problem(wrong);
    const contract = wrong === null ? knowledge.contracts.get(signal) : undefined;
    const fromAt = fields.optional("from");
    const from = fromAt === undefined ? null : readExpression(fromAt, "map", context);
    const factsAt = fields.optional("facts");
    const facts: Template =
      factsAt === undefined ? { kind: "map", members: [] } : readFacts(factsAt, contract, context);
    if (contract !== undefined && facts.kind === "map") {
      const given = [...facts.members.map(([name]) => name), ...added];
      const missing = requiredFactsOf(contract).filter((name) => !given.includes(name));
      if (missing.length > 0 && fromAt === undefined)
        fields.problem(
          `must give the ${missing.length === 1 ? "fact" : "facts"} ${missing.join(", ")}, which ${signal} requires`,
        );
    }
    const literals = literalFacts(facts);
    for (const problem of contract === undefined ? [] : knowledge.contracts.problemsOut(signal, literals)) {
      const top = problem.path.split("/")[1];
      if (top !== undefined && top in literals)
        (factsAt ?? at).problem(`gives the fact ${problem.path.slice(1)}, which ${problem.message}`);
    }
    return { signal, line: at.line, from, facts };
  });
}

function readFacts(at: Cursor, contract: Contract | undefined, context: ExpressionContext): Template {
  const known = contract === undefined ? null : factNamesOf(contract);
  if (at.kind !== "map") {
    at.problem("must be a mapping of facts to values");
    return { kind: "map", members: [] };
  }
  const members = at.entries((key, value) => {
    const name = key.string();
    if (known !== null && name !== "" && !known.includes(name)) {
      const meant = didYouMean(name, known);
      key.problem(
        `is no fact of ${contract?.name ?? ""}; ${meant === undefined ? `there are ${known.join(", ")}` : `did you mean ${meant}?`}`,
      );
    }
    return [name, readTemplate(value, context, 1)] as const;
  });
  return { kind: "map", members };
}

function readTemplate(at: Cursor, context: ExpressionContext, depth: number): Template {
  if (depth > MAX_TEMPLATE_DEPTH) {
    at.problem(`is nested more than ${MAX_TEMPLATE_DEPTH} deep`);
    return { kind: "literal", value: null };
  }
  if (at.kind === "list")
    return { kind: "list", items: at.list((item) => readTemplate(item, context, depth + 1)) };
  if (at.kind === "nothing") return { kind: "literal", value: null };
  if (at.kind === "scalar") return { kind: "literal", value: at.scalar() };
  const members = at.entries((key, value) => ({ name: key.string(), value }));
  const [only] = members;
  if (members.length === 1 && only?.name === "cel") {
    const expression = readExpression(only.value, "any", context);
    return expression === null ? { kind: "literal", value: null } : { kind: "cel", expression };
  }
  return {
    kind: "map",
    members: members.map(({ name, value }) => [name, readTemplate(value, context, depth + 1)] as const),
  };
}

/** The members that are known already. */
function literalFacts(template: Template): Record<string, unknown> {
  if (template.kind !== "map") return {};
  return Object.fromEntries(
    template.members.flatMap(([name, value]) => {
      const literal = literalValue(value);
      return literal === NOT_LITERAL ? [] : [[name, literal]];
    }),
  );
}

const NOT_LITERAL = Symbol("not literal");

function literalValue(template: Template): unknown {
  switch (template.kind) {
    case "literal":
      return template.value;
    case "cel":
      return NOT_LITERAL;
    case "list": {
      const items = template.items.map(literalValue);
      return items.includes(NOT_LITERAL) ? NOT_LITERAL : items;
    }
    case "map": {
      const members = template.members.map(([name, value]) => [name, literalValue(value)] as const);
      return members.some(([, value]) => value === NOT_LITERAL) ? NOT_LITERAL : Object.fromEntries(members);
    }
  }
}
