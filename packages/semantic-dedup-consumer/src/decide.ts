/**
 * What an investigation means for what is known: near-duplicates, and whether to ask again. Facts in, entries out; pure.
 *
 * I1 A question is asked again at most `MAX_ASKED_AGAIN` times in all; the count is never reset.
 * I2 A question that failed `MAX_FAILURES` times in a row is suppressed until somebody else's asking succeeds.
 * I3 Nothing is asked again while it is to be asked, or runs (`pending`).
 * I4 The same dissatisfaction is acted upon once: findings that stay the same are believed.
 */
import type { NearDuplicate, PendingRequest, QuestionEntry } from "./evidence/question-entry.ts";
import type { Investigation } from "./records/investigation.ts";
import type { Likeness } from "./similarity/similarity-index.ts";

export const MAX_ASKED_AGAIN = 5;
export const MAX_FAILURES = 5;
/** Findings that are so much alike are the same finding. */
export const FINDING_THRESHOLD = 0.8;
/** Share of the findings in the combined similarity. */
const FINDING_SHARE = 0.3;
const MAX_NEAR_DUPLICATES = 5;
const MAX_CONTESTED = 5;
/** Failures that asking again within minutes does not cure. */
const LASTING_FAILURES = new Set([
  "NoModuleNamed",
  "PathNotFound",
  "PathOutsideWorkspace",
  "ModuleNotFound",
  "NothingToAnalyse",
]);

export interface Occasion {
  readonly investigation: Investigation;
  readonly before: QuestionEntry | undefined;
  /** How alike others are; in no order. */
  readonly likenesses: readonly Likeness[];
  readonly entryOf: (questionId: string) => QuestionEntry | undefined;
  /** From which similarity on two questions ask the same. */
  readonly questionThreshold: number;
  readonly lowConfidence: number;
  readonly cause: { readonly id: string; readonly correlation_id: string };
  /** RFC 3339. */
  readonly now: string;
  readonly order: number;
}

export interface Verdict {
  readonly entry: QuestionEntry;
  /** Another question that is to be asked again because of this one. */
  readonly contested: QuestionEntry | null;
  readonly isNewlySuppressed: boolean;
}

/** The documented similarity of two questions with their findings. */
export function combinedSimilarity({ question, finding }: Pick<Likeness, "question" | "finding">): number {
  return finding === null ? question : (1 - FINDING_SHARE) * question + FINDING_SHARE * finding;
}

/** Two findings are the same when their hashes are. */
export function findingKey({
  hypothesis,
  module,
  findings,
}: Pick<QuestionEntry, "hypothesis" | "module" | "findings">): string {
  return [hypothesis, module?.path ?? "", ...findings.slice(0, 20)].join("\n").slice(0, 1_000);
}

export function judge(occasion: Occasion): Verdict {
  const { investigation, before } = occasion;
  const near = nearDuplicates(occasion);
  const failures = investigation.status === "failed" ? (before?.failures ?? 0) + 1 : 0;
  const suppressed = failures >= MAX_FAILURES; // I2
  const settled: QuestionEntry = {
    ...investigation,
    evidence: investigation.evidence.length > 0 ? investigation.evidence : (before?.evidence ?? []),
    investigations: (before?.investigations ?? 0) + 1,
    failures,
    asked_again: before?.asked_again ?? 0,
    suppressed,
    pending: null,
    cluster: clusterOf(occasion, near),
    near_duplicates: near.slice(0, MAX_NEAR_DUPLICATES),
    contested: before?.contested ?? [],
    first_at: before?.first_at ?? occasion.now,
    last_at: occasion.now,
    order: occasion.order,
  };
  const pending = dissatisfaction(settled, occasion);
  const entry = { ...settled, pending };
  return {
    entry,
    contested: pending === null ? contestedBy(entry, occasion) : null,
    isNewlySuppressed: suppressed && before?.suppressed !== true,
  };
}

/** Most alike first. */
function nearDuplicates({
  investigation,
  likenesses,
  entryOf,
  questionThreshold,
}: Occasion): NearDuplicate[] {
  const found = likenesses.flatMap((likeness): NearDuplicate[] => {
    const asksSame = likeness.question >= questionThreshold;
    const foundSame = (likeness.finding ?? 0) >= FINDING_THRESHOLD;
    if (!asksSame && !foundSame) return [];
    const other = entryOf(likeness.question_id);
    if (!other) return [];
    const kind = !asksSame
      ? "finding"
      : contradict(investigation, other, likeness)
        ? "contradiction"
        : "question";
    return [
      {
        question_id: likeness.question_id,
        kind,
        similarity: rounded(combinedSimilarity(likeness)),
        question_similarity: rounded(likeness.question),
        findings_similarity: likeness.finding === null ? null : rounded(likeness.finding),
      },
    ];
  });
  return found.sort((a, b) => b.similarity - a.similarity || (a.question_id < b.question_id ? -1 : 1));
}

/** Both found something, and not the same: other names for it, and little in common. */
function contradict(a: Investigation, b: QuestionEntry, { finding }: Likeness): boolean {
  return (
    a.status === "completed" &&
    b.status === "completed" &&
    (a.hypothesis !== b.hypothesis || a.module?.path !== b.module?.path) &&
    (finding ?? 0) < FINDING_THRESHOLD
  );
}

function clusterOf({ investigation, before, entryOf }: Occasion, near: readonly NearDuplicate[]): string {
  const nearest = near.find(({ kind }) => kind !== "finding");
  const cluster = nearest && entryOf(nearest.question_id)?.cluster;
  return cluster ?? before?.cluster ?? investigation.question_id;
}

/** Why the question itself is to be asked again; null: it is not. */
function dissatisfaction(
  entry: QuestionEntry,
  { before, lowConfidence, cause }: Occasion,
): PendingRequest | null {
  if (entry.suppressed || entry.asked_again >= MAX_ASKED_AGAIN) return null; // I1, I2
  const request = { similar_question_id: null, similarity: null, asked: false, ...causeOf(cause) };
  if (entry.status === "failed")
    return LASTING_FAILURES.has(entry.error_type ?? "") ? null : { reason: "failed", ...request };
  const isSame = before?.status === "completed" && findingKey(before) === findingKey(entry); // I4
  return entry.confidence < lowConfidence && !isSame ? { reason: "low_confidence", ...request } : null;
}

/** The most alike question that contradicts this one, with the request to ask it again: it is the older of the two. */
function contestedBy(entry: QuestionEntry, { entryOf, cause }: Occasion): QuestionEntry | null {
  const key = findingKey(entry);
  for (const { kind, question_id, similarity } of entry.near_duplicates) {
    const other = kind === "contradiction" ? entryOf(question_id) : undefined;
    if (!other || other.pending !== null || other.suppressed || other.asked_again >= MAX_ASKED_AGAIN)
      continue; // I1–I3
    if (other.contested.includes(key) || entry.contested.includes(findingKey(other))) continue; // I4
    return {
      ...other,
      contested: [...other.contested, key].slice(-MAX_CONTESTED),
      pending: {
        reason: "contradiction",
        similar_question_id: entry.question_id,
        similarity,
        asked: false,
        ...causeOf(cause),
      },
    };
  }
  return null;
}

function causeOf({
  id,
  correlation_id,
}: Occasion["cause"]): Pick<PendingRequest, "causation_id" | "correlation_id"> {
  return { causation_id: id, correlation_id };
}

function rounded(similarity: number): number {
  return Math.round(similarity * 1_000) / 1_000;
}
