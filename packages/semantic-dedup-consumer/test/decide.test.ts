import { describe, expect, it } from "vitest";
import { judge, MAX_ASKED_AGAIN, MAX_FAILURES, type Occasion } from "../src/decide.ts";
import type { QuestionEntry } from "../src/evidence/question-entry.ts";
import type { Investigation } from "../src/records/investigation.ts";
import type { Likeness } from "../src/similarity/similarity-index.ts";

const found: Investigation = {
  investigation_id: "inv_1",
  question_id: "q",
  question: "What does audio do?",
  evidence: ["path:src/audio"],
  status: "completed",
  hypothesis: "UNDISCOVERED_MODULE_audio",
  confidence: 0.9,
  error_type: null,
  module: { name: "audio", path: "src/audio" },
  findings: ["play"],
};
const failed = (error_type: string): Investigation => ({
  ...found,
  status: "failed",
  hypothesis: "INVESTIGATION_FAILED",
  confidence: 0,
  error_type,
  module: null,
  findings: [],
});

function occasion(
  investigation: Investigation,
  more: Partial<Occasion> = {},
  known: readonly QuestionEntry[] = [],
): Occasion {
  return {
    investigation,
    before: undefined,
    likenesses: [],
    entryOf: (id) => known.find(({ question_id }) => question_id === id),
    questionThreshold: 0.75,
    lowConfidence: 0.3,
    cause: { id: "signal", correlation_id: "story" },
    now: "2025-11-15T10:30:00.000Z",
    order: 1,
    ...more,
  };
}

/** What is known after so many investigations in a row; each request is carried out in between. */
function after(...investigations: Investigation[]): QuestionEntry {
  let before: QuestionEntry | undefined;
  for (const investigation of investigations) {
    const { entry } = judge(occasion(investigation, { before }));
    before = entry.pending ? { ...entry, asked_again: entry.asked_again + 1 } : entry;
  }
  return before!;
}

const like = (question_id: string, question: number, finding: number | null): Likeness => ({
  question_id,
  question,
  finding,
});

describe("asking again", () => {
  it("is for failures that may pass, and not for those that last", () => {
    expect(judge(occasion(failed("AnalysisTimeout"))).entry.pending).toMatchObject({
      reason: "failed",
      causation_id: "signal",
      correlation_id: "story",
      asked: false,
    });
    expect(judge(occasion(failed("PathNotFound"))).entry.pending).toBeNull();
  });

  it("ends with the fifth failure in a row: the question is suppressed, said once, until it succeeds", () => {
    const timeout = failed("AnalysisTimeout");
    const four = after(timeout, timeout, timeout, timeout);
    expect(four).toMatchObject({ failures: 4, suppressed: false, asked_again: 4 });
    const fifth = judge(occasion(timeout, { before: four }));
    expect(fifth).toMatchObject({
      isNewlySuppressed: true,
      entry: { failures: MAX_FAILURES, suppressed: true, pending: null },
    });
    const sixth = judge(occasion(timeout, { before: fifth.entry }));
    expect(sixth).toMatchObject({ isNewlySuppressed: false, entry: { suppressed: true, pending: null } });
    expect(judge(occasion(found, { before: sixth.entry })).entry).toMatchObject({
      failures: 0,
      suppressed: false,
    });
  });

  it("happens five times at most, however failures and successes alternate", () => {
    const timeout = failed("AnalysisTimeout");
    const entry = after(...Array.from({ length: 20 }, (_, n) => (n % 2 === 0 ? timeout : found)));
    expect(entry.asked_again).toBe(MAX_ASKED_AGAIN);
    expect(judge(occasion(timeout, { before: entry })).entry.pending).toBeNull();
  });

  it("is for findings of low confidence, until they stay the same", () => {
    const unsure = { ...found, confidence: 0.1 };
    const first = judge(occasion(unsure)).entry;
    expect(first.pending?.reason).toBe("low_confidence");
    expect(judge(occasion(unsure, { before: first })).entry.pending).toBeNull();
    const other = { ...unsure, findings: ["stop"] };
    expect(judge(occasion(other, { before: first })).entry.pending?.reason).toBe("low_confidence");
    expect(judge(occasion(found)).entry.pending).toBeNull();
  });

  it("is for the older of two questions that ask the same and found something else, once per finding", () => {
    const older = {
      ...after({ ...found, module: { name: "audio", path: "lib/audio" }, findings: ["record"] }),
      question_id: "older",
    };
    const contrary = { likenesses: [like("older", 0.9, 0.1)] };
    const verdict = judge(occasion(found, contrary, [older]));
    expect(verdict.entry).toMatchObject({
      pending: null,
      cluster: older.cluster,
      near_duplicates: [{ question_id: "older", kind: "contradiction", similarity: 0.66 }],
    });
    expect(verdict.contested).toMatchObject({
      question_id: "older",
      pending: { reason: "contradiction", similar_question_id: "q", similarity: 0.66 },
    });
    const contested = { ...verdict.contested!, pending: null };
    expect(judge(occasion(found, contrary, [contested])).contested).toBeNull();
    const running = { ...older, pending: { ...verdict.contested!.pending!, asked: true } };
    expect(judge(occasion(found, contrary, [running])).contested).toBeNull();
    const tired = { ...older, asked_again: MAX_ASKED_AGAIN };
    expect(judge(occasion(found, contrary, [tired])).contested).toBeNull();
    // And not the other way round when the older one has been looked at again and found the same.
    const again = judge(
      occasion(
        { ...found, ...older, status: "completed" },
        { before: contested, likenesses: [like("q", 0.9, 0.1)] },
        [verdict.entry],
      ),
    );
    expect(again.contested).toBeNull();
  });
});

describe("near-duplicates", () => {
  const other = { ...after(found), question_id: "other", cluster: "oldest" };

  it("are questions that ask the same, with their findings as part of the likeness", () => {
    const { entry } = judge(occasion(found, { likenesses: [like("other", 0.8, 1)] }, [other]));
    expect(entry).toMatchObject({
      cluster: "oldest",
      near_duplicates: [
        { kind: "question", similarity: 0.86, question_similarity: 0.8, findings_similarity: 1 },
      ],
    });
  });

  it("are other questions with the same finding too, but not of one cluster", () => {
    const { entry } = judge(occasion(found, { likenesses: [like("other", 0.2, 0.9)] }, [other]));
    expect(entry).toMatchObject({ cluster: "q", near_duplicates: [{ kind: "finding" }] });
  });

  it("are not what is merely similar, and what failed contradicts nothing", () => {
    expect(
      judge(occasion(found, { likenesses: [like("other", 0.7, 0.7)] }, [other])).entry.near_duplicates,
    ).toEqual([]);
    const verdict = judge(
      occasion(failed("PathNotFound"), { likenesses: [like("other", 0.9, null)] }, [other]),
    );
    expect(verdict).toMatchObject({
      contested: null,
      entry: { near_duplicates: [{ kind: "question", similarity: 0.9 }] },
    });
  });

  it("are five at most, the most alike first", () => {
    const known = Array.from({ length: 9 }, (_, n) => ({ ...other, question_id: `o${n}` }));
    const likenesses = known.map(({ question_id }, n) => like(question_id, 0.8 + n / 100, null));
    const { entry } = judge(occasion(found, { likenesses }, known));
    expect(entry.near_duplicates.map(({ question_id }) => question_id)).toEqual([
      "o8",
      "o7",
      "o6",
      "o5",
      "o4",
    ]);
  });
});
