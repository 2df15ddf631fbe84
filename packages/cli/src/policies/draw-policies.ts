/** The rules in force, what they said last, and what waits. Pure. */
import type { Paint } from "../program/paint.ts";
import { printable } from "../program/paint.ts";
import { drawTable } from "../program/table.ts";

/** The answer to `policy:status`. */
export interface PolicyStatus {
  readonly policies: {
    readonly origin: string;
    readonly is_valid: boolean;
    readonly problems: readonly string[];
  };
  readonly maintenance: boolean;
  readonly rules: readonly {
    readonly name: string;
    readonly on: string;
    readonly emits: string;
    readonly deferred: number;
    readonly last: { readonly outcome: string; readonly at: string; readonly reason: string } | null;
  }[];
  readonly deferred: readonly {
    readonly rule: string;
    readonly key: string;
    readonly gate: string;
    readonly reason: string;
    readonly since: string;
  }[];
}

export function drawPolicies(
  { policies, maintenance, rules, deferred }: PolicyStatus,
  paint: Paint,
): string[] {
  const lines = drawTable(
    ["RULE", "ON", "EMITS", ">DEFERRED", "LAST", "WHY"],
    rules.map(({ name, on, emits, deferred: waiting, last }) => [
      name,
      on,
      emits,
      String(waiting),
      last === null ? "-" : `${last.outcome} ${last.at}`,
      last === null ? "" : printable(last.reason),
    ]),
    paint,
  );
  if (maintenance) lines.push("", paint.yellow("Maintenance mode is on: rules with that gate wait."));
  if (deferred.length > 0) {
    const rows = deferred.map(({ rule, key, gate, reason, since }) => [
      rule,
      printable(key),
      gate,
      since,
      printable(reason),
    ]);
    lines.push("", ...drawTable(["DEFERRED", "KEY", "GATE", "SINCE", "WHY"], rows, paint));
  }
  if (!policies.is_valid)
    lines.push(
      "",
      paint.red("policies.yaml is invalid; the rules before it are in force:"),
      ...policies.problems.map((problem) => `  ${printable(problem)}`),
    );
  return lines;
}
