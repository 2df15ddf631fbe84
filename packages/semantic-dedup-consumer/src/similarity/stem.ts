/** Light English stemming: forms of one word mostly get one stem, different words hardly ever do. Pure. */

/** Shorter words are left alone. */
const MIN_STEM = 3;

/** The stem of a lower-case word. */
export function stem(word: string): string {
  if (word.length <= MIN_STEM || /\d/.test(word)) return word;
  return ending(plural(word.replace(/is(e|ed|es|ing|ation)$/, "iz$1")));
}

function plural(word: string): string {
  if (/(?:ss|us|is)$/.test(word)) return word;
  if (/ie[sd]$/.test(word)) return `${word.slice(0, -3)}y`;
  if (/(?:ss|x|z|ch|sh)es$/.test(word)) return word.slice(0, -2);
  return word.endsWith("s") ? word.slice(0, -1) : word;
}

function ending(word: string): string {
  for (const suffix of ["ing", "ed", "ion"]) {
    const base = word.slice(0, -suffix.length);
    if (word.endsWith(suffix) && base.length >= MIN_STEM && /[aeiouy]/.test(base))
      return silent(single(base));
  }
  return silent(word);
}

/** `running` → `run`, but `calling` → `call`. */
function single(base: string): string {
  return /([bdgmnprt])\1$/.test(base) ? base.slice(0, -1) : base;
}

function silent(word: string): string {
  return word.length > MIN_STEM && word.endsWith("e") ? word.slice(0, -1) : word;
}
