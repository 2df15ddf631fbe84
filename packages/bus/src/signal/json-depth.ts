/**
 * Depth of nesting of a JSON text, without parsing or recursion. Flat texts, nearly all of them, cost a few native
 * searches: a text with no more opening brackets than the limit cannot be deeper than the limit.
 */
const QUOTE = 34;
const BACKSLASH = 92;

/** True when the text nests objects and arrays deeper than `maxDepth`. Only meaningful for valid JSON. */
export function isDeeperThan(text: string, maxDepth: number): boolean {
  let openings = 0;
  for (let i = text.indexOf("{"); i >= 0; i = text.indexOf("{", i + 1))
    if (++openings > maxDepth) return scan(text, maxDepth);
  for (let i = text.indexOf("["); i >= 0; i = text.indexOf("[", i + 1))
    if (++openings > maxDepth) return scan(text, maxDepth);
  return false;
}

function scan(text: string, maxDepth: number): boolean {
  let depth = 0;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c === QUOTE) {
      i = closingQuote(text, i);
      if (i < 0) return false;
    } else if (c === 123 || c === 91) {
      if (++depth > maxDepth) return true;
    } else if (c === 125 || c === 93) depth--;
  }
  return false;
}

/** Index of the quote that ends the string begun at `start`; -1 when there is none. */
function closingQuote(text: string, start: number): number {
  for (let end = text.indexOf('"', start + 1); end >= 0; end = text.indexOf('"', end + 1)) {
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === BACKSLASH) slashes++;
    if (slashes % 2 === 0) return end;
  }
  return -1;
}
