/** The pairs that people judged: what is promised of precision, and that recall does not quietly fall. */
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { QUESTION_THRESHOLD, questionFeatures, questionSimilarity } from "../../src/index.ts";

interface Pair {
  readonly a: string;
  readonly b: string;
  readonly duplicate: boolean;
  readonly half: "tuning" | "held_out" | "blind";
}

const pairs = readFileSync(new URL("../pairs/questions.jsonl", import.meta.url), "utf8")
  .trimEnd()
  .split("\n")
  .map((line) => JSON.parse(line) as Pair);

it.each([
  ["tuning", 0.95, 0.9],
  ["held_out", 0.95, 0.85],
  ["blind", 0.95, 0.75],
] as const)(
  "of the %s pairs at least so many that are called duplicates are, and so many duplicates are found",
  (half, precision, recall) => {
    const judged = pairs
      .filter((pair) => pair.half === half)
      .map(({ a, b, duplicate }) => ({
        duplicate,
        called: questionSimilarity(questionFeatures(a), questionFeatures(b)) >= QUESTION_THRESHOLD,
      }));
    const both = judged.filter(({ duplicate, called }) => duplicate && called).length;
    expect(both / judged.filter(({ called }) => called).length).toBeGreaterThanOrEqual(precision);
    expect(both / judged.filter(({ duplicate }) => duplicate).length).toBeGreaterThanOrEqual(recall);
  },
);

it("is symmetric; a question is like itself when it says what it is about, else like nothing", () => {
  for (const { a, b } of pairs) {
    const [one, other] = [questionFeatures(a), questionFeatures(b)];
    expect(questionSimilarity(one, other)).toBeCloseTo(questionSimilarity(other, one), 10);
    expect(questionSimilarity(one, one)).toBeCloseTo(one.subject.length > 0 ? 1 : 0, 10);
  }
});
