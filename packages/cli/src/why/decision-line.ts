/** The lines of `policy_decisions.jsonl`, as the policy engine documents them (docs/policies.md). Read tolerantly. Pure. */

export interface DecisionLine {
  readonly kind: "decision";
  readonly id: string;
  readonly at: string;
  readonly outcome: string;
  readonly rule: string | null;
  readonly key: string | null;
  readonly reason: string;
  readonly signal: { readonly signal: string; readonly id: string; readonly correlation_id: string };
  readonly emitted: readonly { readonly signal: string; readonly id: string; readonly facts: unknown }[];
  readonly gates: readonly { readonly gate: string; readonly open: boolean; readonly reason: string }[];
  readonly deferred_by: string | null;
  /** The whole line. */
  readonly whole: Readonly<Record<string, unknown>>;
}

export interface RepetitionLine {
  readonly kind: "repetition";
  readonly decision: string;
  readonly count: number;
  readonly total: number;
  readonly last_at: string;
  readonly signal_ids: readonly string[];
}

/** null: a line of another schema, of a later version or of another program. */
export function parseDecisionLine(value: unknown): DecisionLine | RepetitionLine | null {
  if (!isObject(value)) return null;
  if (value["schema"] === "kloros.decision-repeated/1") {
    return {
      kind: "repetition",
      decision: text(value["decision"]),
      count: Number(value["count"]),
      total: Number(value["total"]),
      last_at: text(value["last_at"]),
      signal_ids: list(value["signal_ids"]).map(text),
    };
  }
  const signal = value["signal"];
  if (value["schema"] !== "kloros.decision/1" || !isObject(signal)) return null;
  return {
    kind: "decision",
    id: text(value["id"]),
    at: text(value["at"]),
    outcome: text(value["outcome"]),
    rule: textOrNull(value["rule"]),
    key: textOrNull(value["key"]),
    reason: text(value["reason"]),
    signal: {
      signal: text(signal["signal"]),
      id: text(signal["id"]),
      correlation_id: text(signal["correlation_id"]),
    },
    emitted: list(value["emitted"])
      .filter(isObject)
      .map((one) => ({ signal: text(one["signal"]), id: text(one["id"]), facts: one["facts"] })),
    gates: list(value["gates"])
      .filter(isObject)
      .map((one) => ({ gate: text(one["gate"]), open: one["open"] === true, reason: text(one["reason"]) })),
    deferred_by: textOrNull(value["deferred_by"]),
    whole: value,
  };
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? (value as unknown[]) : [];
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}

function textOrNull(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
