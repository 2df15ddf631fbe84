/** `--where`: a CEL expression over one envelope. Numbers without a fraction are CEL integers. */
import { Environment } from "@marcbachmann/cel-js";
import type { Envelope } from "@kloros/bus";
import { usageError } from "../program/errors.ts";

const STRINGS = [
  "signal",
  "id",
  "timestamp",
  "source",
  "priority",
  "correlation_id",
  "traceparent",
  "epoch",
] as const;
const INTEGERS = ["version", "seq", "prev"] as const;

/** Deeper facts than this are not converted; no contract comes near. */
const MAX_DEPTH = 64;

/**
 * Compiles the expression. An envelope that lacks a fact it names does not match.
 * @throws {CommandError} 64: not CEL, an unknown variable, or not a yes-or-no expression
 */
export function compileWhere(expression: string): (envelope: Envelope) => boolean {
  const environment = new Environment({ enableOptionalTypes: true, homogeneousAggregateLiterals: false });
  for (const name of STRINGS) environment.registerVariable(name, "string");
  for (const name of INTEGERS) environment.registerVariable(name, "int");
  environment.registerVariable("causation_id", "dyn");
  environment.registerVariable("facts", "map<string, dyn>");
  const checked = environment.check(expression);
  if (!checked.valid) throw usageError(`--where ${expression}: ${checked.error?.message ?? "not valid CEL"}`);
  if (checked.type !== "bool" && checked.type !== "dyn")
    throw usageError(`--where ${expression}: gives ${String(checked.type)}, but must say yes or no (bool)`);
  const evaluate = environment.parse(expression);
  return (envelope) => {
    try {
      return evaluate(toCel(envelope, 0) as Record<string, unknown>) === true;
    } catch {
      return false; // A missing fact, or a value of another type: this envelope does not match.
    }
  };
}

function toCel(value: unknown, depth: number): unknown {
  if (typeof value === "number") return Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map((item) => toCel(item, depth + 1));
  return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, toCel(item, depth + 1)]));
}
