/**
 * How alike two questions are, 0 to 1:
 *
 *     subject × (1 - INTENT_SHARE + INTENT_SHARE × intent), halved for each of:
 *     each has words that the other lacks (one was put for another: `retry` and `sign`, `mixer` and `player`);
 *     one is negated and the other is not; both name identifiers and share none.
 *
 * `subject` is the TF-IDF cosine of what they are about, `intent` the Dice coefficient of what they ask. Words that are
 * only left out cost little: people say the same in more and in fewer words. Pure.
 */
import type { QuestionFeatures } from "./question-features.ts";

/** How much of the score is lost when two questions about the same thing ask nothing in common. */
const INTENT_SHARE = 0.6;
/** Intent of a question that asks in words which the lexicon does not know, compared with one it knows. */
const UNKNOWN_INTENT = 0.75;
/** Words that begin alike for so many characters and so much of the longer one are forms of one word. */
const COMMON_PREFIX = { characters: 5, share: 0.7 };
/** From here on two questions are near-duplicates: chosen on the tuning half of test/pairs for a precision of 0.95. */
export const QUESTION_THRESHOLD = 0.75;

/** Weight of a word, 0.5 (in every question) to 1 (in hardly any). */
export type Weight = (stem: string) => number;

/** @param weight of a stem; left out: all weigh the same */
export function questionSimilarity(
  a: QuestionFeatures,
  b: QuestionFeatures,
  weight: Weight = () => 1,
): number {
  const onlyA = a.subject.filter((each) => !b.subject.includes(each));
  const onlyB = b.subject.filter((each) => !a.subject.includes(each));
  const forms = onlyA.filter((each) => {
    const index = onlyB.findIndex((other) => isFormOf(each, other));
    if (index !== -1) onlyB.splice(index, 1);
    return index !== -1;
  });
  const common = a.subject.filter((each) => forms.includes(each) || !onlyA.includes(each));
  if (common.length === 0) return 0;
  const squares = (stems: readonly string[]) => stems.reduce((sum, each) => sum + weight(each) ** 2, 0);
  const shared = squares(common);
  const missing = onlyA.filter((each) => !forms.includes(each));
  let score = shared / Math.sqrt((shared + squares(missing)) * (shared + squares(onlyB)));
  score *= 1 - INTENT_SHARE + INTENT_SHARE * intentSimilarity(a.intent, b.intent);
  const asksMore = (one: QuestionFeatures, other: QuestionFeatures) =>
    one.intent.some((concept) => !other.intent.includes(concept));
  if (missing.length > 0 && (onlyB.length > 0 || asksMore(b, a))) score /= 2;
  else if (onlyB.length > 0 && asksMore(a, b)) score /= 2;
  if (a.isNegated !== b.isNegated) score /= 2;
  if (a.identifiers.length > 0 && b.identifiers.length > 0 && dice(a.identifiers, b.identifiers) === 0)
    score /= 2;
  return Math.min(1, score);
}

function intentSimilarity(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 && b.length === 0) return 1;
  if (a.length === 0 || b.length === 0) return UNKNOWN_INTENT;
  return dice(a, b);
}

function isFormOf(a: string, b: string): boolean {
  let length = 0;
  while (length < a.length && a[length] === b[length]) length++;
  return length >= COMMON_PREFIX.characters && length >= COMMON_PREFIX.share * Math.max(a.length, b.length);
}

function dice(a: readonly string[], b: readonly string[]): number {
  const inB = new Set(b);
  return (2 * a.filter((each) => inB.has(each)).length) / (a.length + b.length);
}
