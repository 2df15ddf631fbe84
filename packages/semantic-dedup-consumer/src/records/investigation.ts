/**
 * What this daemon needs of one line of `curiosity_investigations.jsonl`, checked field by field: another daemon writes the
 * file, and people may edit it. What is missing there is taken from the completion itself. Pure.
 */
import type { Facts } from "@kloros/bus";

/** Longest texts and lists that are kept; what is longer is not more alike. */
const MAX_QUESTION_CHARS = 1_000;
const MAX_TEXT_CHARS = 300;
const MAX_FINDINGS = 60;
const MAX_EVIDENCE = 20;
/** Longer evidence is left out: half a path is worse than none. */
const MAX_EVIDENCE_CHARS = 500;

export interface Investigation {
  readonly investigation_id: string;
  readonly question_id: string;
  readonly question: string;
  readonly evidence: readonly string[];
  readonly status: "completed" | "failed";
  readonly hypothesis: string;
  readonly confidence: number;
  readonly error_type: string | null;
  readonly module: { readonly name: string; readonly path: string } | null;
  readonly findings: readonly string[];
}

/** @param line the record; undefined: there is none */
export function investigationOf(
  facts: Facts<"Q_INVESTIGATION_COMPLETE">,
  investigationId: string,
  line: unknown,
): Investigation {
  const record = objectOf(line);
  const module = objectOf(record["module"]);
  const path = text(module["relative_path"]) ?? text(module["path"]);
  const name = text(module["name"]);
  const description = text(module["description"]);
  return {
    investigation_id: investigationId,
    question_id: facts.question_id,
    question: (text(record["question"]) ?? facts.question_id).slice(0, MAX_QUESTION_CHARS),
    evidence: strings(record["asked_evidence"])
      .filter((item) => item.length <= MAX_EVIDENCE_CHARS)
      .slice(0, MAX_EVIDENCE),
    status: facts.status ?? "completed",
    hypothesis: facts.hypothesis,
    confidence: facts.confidence,
    error_type: facts.error_type ?? null,
    module: path !== null && name !== null ? { name: cut(name), path: cut(path) } : null,
    findings: [
      ...(description === null ? [] : [cut(description)]),
      ...texts(record["capabilities"], MAX_FINDINGS),
    ],
  };
}

function texts(value: unknown, limit: number): string[] {
  return strings(value).slice(0, limit).map(cut);
}

function strings(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === "string") : [];
}

function cut(value: string): string {
  return value.slice(0, MAX_TEXT_CHARS);
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}

function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};
}
