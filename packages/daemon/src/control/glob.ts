/** Names and keys by pattern: `*` is any text, `?` any one character, everything else itself. Pure. */

/** Longest pattern, in characters; comparing takes at most this times the length of the text. */
export const MAX_GLOB_CHARACTERS = 200;

/** Whether `text` as a whole matches. Linear in practice: never tries a way twice, unlike a regular expression. */
export function matchesGlob(pattern: string, text: string): boolean {
  let [p, t] = [0, 0];
  /** Where the last star stood, and what of the text it has taken. */
  let [star, taken] = [-1, 0];
  while (t < text.length) {
    if (pattern[p] === "*") {
      star = p++;
      taken = t;
    } else if (p < pattern.length && (pattern[p] === "?" || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star === -1) {
      return false;
    } else {
      p = star + 1;
      t = ++taken;
    }
  }
  while (pattern[p] === "*") p++;
  return p === pattern.length;
}

/** What every match begins with: the text before the first `*` or `?`. */
export function literalPrefix(pattern: string): string {
  const at = pattern.search(/[*?]/);
  return at === -1 ? pattern : pattern.slice(0, at);
}
