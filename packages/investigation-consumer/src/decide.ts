/**
 * What a signal asks for, what an outcome means, what is said of it. Facts in, records and emissions out; no effects.
 */
import type { Envelope, Facts } from "@kloros/bus";
import type { IntegrationPoint, InvestigationOutcome, ModuleFinding } from "./analysis/findings.ts";
import { type InvestigationRecord } from "./record.ts";

/** Paths tried of one question; its author hardly means more. */
const MAX_PATHS = 20;
/** Longest module name, in characters, as the registry takes it. */
const MAX_NAME_CHARS = 128;
/** Longest question kept in a record, in characters. */
const MAX_QUESTION_CHARS = 10_000;
/** Evidence of the asker kept in a record, and the longest item, in characters: with it the question can be asked again. */
const MAX_ASKED_EVIDENCE = 20;
const MAX_EVIDENCE_CHARS = 500;
/** Longest reason of a failure, in characters. */
const MAX_MESSAGE_CHARS = 1_000;
/** Longest id of a signal that is believed, in characters; a UUID has 36. */
const MAX_ID_CHARS = 128;
const PATH_EVIDENCE = "path:";
const MODULE_QUESTION = /(?:^|[._:-])discover\.module[.:_](.+)$/s;
const SCOPED_NAME = /^@[A-Za-z0-9][\w.-]*\/[A-Za-z0-9_][\w.-]*$/;

const NOTHING_FOUND = {
  status: "failed",
  hypothesis: "INVESTIGATION_FAILED",
  confidence: 0,
  evidence: [],
  module: null,
  capabilities: [],
  capabilities_count: 0,
  integration_points: [],
  integration_points_count: 0,
} as const;

type Question = Pick<Facts<"Q_CURIOSITY_INVESTIGATE">, "question_id" | "evidence">;

export interface Asked {
  /** In order; they win over the name. */
  readonly paths: readonly string[];
  /** From the question id; null when it names none. */
  readonly module_name: string | null;
}

/** Which module a question is about. */
export function askedModule({ question_id, evidence }: Question): Asked {
  const paths = evidence
    .filter((item) => item.startsWith(PATH_EVIDENCE))
    .map((item) => item.slice(PATH_EVIDENCE.length).trim())
    .filter((path) => path !== "")
    .slice(0, MAX_PATHS);
  return { paths, module_name: MODULE_QUESTION.exec(question_id)?.[1]?.trim() || null };
}

/** What asks for an investigation. */
export type Asking = Envelope<"Q_CURIOSITY_INVESTIGATE"> | Envelope<"Q_REINVESTIGATION_REQUESTED">;

/** The id of the signal that asked first: a retry asks for the same investigation, a re-investigation for another. */
export function rootId(signal: Asking): string {
  const first = signal.signal === "Q_CURIOSITY_INVESTIGATE" ? signal.facts.retry_of : undefined;
  return first !== undefined && first.length <= MAX_ID_CHARS ? first : signal.id;
}

/** The same for each handling of the same signal, and for its retries: that is how a repetition is recognised. */
export function investigationId(signal: Asking): string {
  return `inv_${rootId(signal)}`;
}

/** The whole record, before it is cut to size. */
export function recordOf(
  signal: Asking,
  outcome: InvestigationOutcome,
  startedAt: Date,
  finishedAt: Date,
): InvestigationRecord {
  const { question_id } = signal.facts;
  const question = cut(signal.facts.question, MAX_QUESTION_CHARS);
  const head = {
    investigation_id: investigationId(signal),
    signal_id: signal.id,
    question_id,
    question,
    asked_evidence: signal.facts.evidence
      .filter((item) => item.length <= MAX_EVIDENCE_CHARS)
      .slice(0, MAX_ASKED_EVIDENCE),
  };
  const times = {
    started_at: startedAt.toISOString(),
    finished_at: finishedAt.toISOString(),
    duration_ms: Math.max(0, finishedAt.getTime() - startedAt.getTime()),
  };
  if (outcome.kind === "failed")
    return {
      ...head,
      ...NOTHING_FOUND,
      notes: outcome.notes,
      detail: "full",
      ...times,
      error: { ...outcome.error, message: cut(outcome.error.message, MAX_MESSAGE_CHARS) },
    };
  const name = registryName(outcome.module.name);
  return {
    ...head,
    status: "completed",
    hypothesis: `UNDISCOVERED_MODULE_${name}`,
    confidence: outcome.confidence,
    evidence: evidenceOf(
      outcome.module,
      outcome.capabilities_count,
      outcome.integration_points,
      outcome.integration_points_count,
    ),
    module: { ...outcome.module, name },
    capabilities: outcome.capabilities,
    capabilities_count: outcome.capabilities_count,
    integration_points: outcome.integration_points,
    integration_points_count: outcome.integration_points_count,
    notes: outcome.notes,
    detail: outcome.detail,
    ...times,
  };
}

/** What is emitted of a record; also of one that was written before a crash. */
export function completionOf(record: InvestigationRecord): Facts<"Q_INVESTIGATION_COMPLETE"> {
  return {
    question_id: record.question_id,
    investigation_timestamp: compactTime(record.finished_at),
    hypothesis: record.hypothesis,
    confidence: record.confidence,
    evidence_count: record.evidence.length,
    investigation_id: record.investigation_id,
    status: record.status,
    ...(record.error && { error_type: record.error.type, error_message: record.error.message }),
  };
}

/** `2025-11-15T10:30:00.000Z` → `20251115_103000` */
function compactTime(timestamp: string): string {
  return timestamp.slice(0, 19).replaceAll(/[-:]/g, "").replace("T", "_");
}

function cut(text: string, limit: number): string {
  return text.length > limit ? `${text.slice(0, limit - 1)}…` : text;
}

/** What can be said of the module, each as `kind:value`, as askers write their evidence too. */
function evidenceOf(
  module: ModuleFinding,
  capabilities: number,
  importers: readonly IntegrationPoint[],
  importersCount: number,
): string[] {
  const testCases = module.tests.reduce((sum, test) => sum + test.cases, 0);
  const counts: [string, number][] = [
    ["source_files", module.source_files_count],
    ["py_files", module.py_files_count],
    ["functions", module.functions_count],
    ["classes", module.classes_count],
    ["methods", module.methods_count],
    ["capabilities", capabilities],
    ["entry_points", module.entry_points.length],
    ["test_files", module.tests.length],
    ["test_cases", testCases],
    ["dependencies", module.dependencies.length],
    ["imported_by_files", importersCount],
    ["broken_files", module.broken_files_count],
    ["skipped_files", module.skipped_files_count],
  ];
  return [
    `path:${module.path}`,
    `language:${module.language}`,
    `has_init:${module.has_init}`,
    ...counts.filter(([, count]) => count > 0).map(([kind, count]) => `${kind}:${count}`),
    ...(module.description === null ? [] : [`description:${module.description}`]),
    ...importers.slice(0, 5).map((point) => `imported_by:${point.path}:${point.line}`),
  ];
}

/** The name as the registry takes it: letters, digits, `_`, `-`, `.`, or an npm name with its scope. */
function registryName(name: string): string {
  if (SCOPED_NAME.test(name) && !name.includes("..") && name.length <= MAX_NAME_CHARS) return name;
  const plain = name
    .replaceAll(/[^\w.-]+/g, "_")
    .replaceAll(/\.{2,}/g, ".")
    .replace(/^[.-]+/, "")
    .slice(0, MAX_NAME_CHARS);
  return plain === "" ? "module" : plain;
}
