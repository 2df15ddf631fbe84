/** The known word that somebody probably meant. Pure. */

/** Words further apart than this (as a part of the longer one) are different words, not typing errors. */
const LARGEST_DISTANCE_RATIO = 0.4;
/** Longer words are not compared: the cost grows with the product of both lengths. */
const MAX_WORD_CHARACTERS = 100;

/** The nearest of `known`, or undefined when none is near. */
export function didYouMean(word: string, known: readonly string[]): string | undefined {
  if (word.length > MAX_WORD_CHARACTERS) return undefined;
  const ranked = known
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(
      ({ candidate, distance }) =>
        distance <= LARGEST_DISTANCE_RATIO * Math.max(word.length, candidate.length),
    )
    .sort((a, b) => a.distance - b.distance);
  return ranked[0]?.candidate;
}

/** Levenshtein's distance. */
function editDistance(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (const [i, letter] of [...from].entries()) {
    const next = [i + 1];
    for (const [j, other] of [...to].entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
