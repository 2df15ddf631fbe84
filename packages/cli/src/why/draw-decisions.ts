/** Decisions as a person reads them: what was decided, why, by which rule, on which facts. Pure. */
import { abbreviate } from "../program/abbreviate.ts";
import { type Paint, printable } from "../program/paint.ts";
import type { FoundDecision } from "./find-decisions.ts";

const WORDS: Readonly<Record<string, string>> = {
  yes: "YES",
  no: "NO",
  deferred: "NOT YET",
  error: "ERROR",
  no_rule: "NO RULE",
};
/** Facts shown of each signal, in characters. */
const FACTS_CHARS = 160;

export function drawDecision(
  { decision, repeated, last_repeated_at }: FoundDecision,
  paint: Paint,
): string[] {
  const { at, outcome, rule, key, reason, signal, emitted, gates, whole } = decision;
  const word = (WORDS[outcome] ?? outcome).padEnd(7);
  const painted = hue(outcome, paint)(word);
  const who = rule === null ? "" : `${rule}${key === null || key === "" ? "" : ` (${key})`}`;
  const inputs = whole["inputs"] as { facts?: Record<string, unknown> } | undefined;
  const lines = [
    `${paint.dim(at)}  ${painted}  ${paint.bold(printable(who === "" ? signal.signal : who))}`,
    `    ${printable(reason)}`,
    `    ${paint.dim("on")}     ${signal.signal}  ${abbreviate(inputs?.facts ?? {}, FACTS_CHARS)}  ${paint.dim(signal.id)}`,
  ];
  for (const one of emitted)
    lines.push(
      `    ${paint.dim("gave")}   ${one.signal}  ${abbreviate((one.facts ?? {}) as Record<string, unknown>, FACTS_CHARS)}  ${paint.dim(one.id)}`,
    );
  const open = gates.filter((gate) => gate.open).map(({ gate }) => gate);
  for (const gate of gates.filter((one) => !one.open))
    lines.push(`    ${paint.yellow("closed")} ${gate.gate}: ${printable(gate.reason)}`);
  if (open.length > 0) lines.push(`    ${paint.dim("open")}   ${open.join(", ")}`);
  if (repeated > 0)
    lines.push(
      `    ${paint.dim("again")}  ${String(repeated)} times for the same reason, last at ${last_repeated_at ?? ""}`,
    );
  return lines;
}

function hue(outcome: string, paint: Paint): (text: string) => string {
  if (outcome === "yes") return paint.green;
  if (outcome === "error") return paint.red;
  return outcome === "deferred" ? paint.yellow : paint.dim;
}
