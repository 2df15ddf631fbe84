/**
 * Writes scalars that YAML 1.1 readers (PyYAML) and YAML 1.2 readers understand alike: plain where nothing can
 * be mistaken, else double-quoted with JSON's escapes, which both versions share.
 */

/** Holds no indicator, no space, and does not look like a number; the same inside flow collections. */
const PLAIN = /^[A-Za-z_][A-Za-z0-9_./-]*$/;
/** Words that YAML 1.1 reads as booleans or null. */
const RESERVED = /^(?:y|n|yes|no|on|off|true|false|null)$/i;
/** What JSON leaves as it is and YAML counts as line break or non-printable. */
const UNPRINTABLE = /[\u007f-\u009f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** One scalar on one line. Numbers must be finite. */
export function scalarText(value: string | number | boolean): string {
  if (typeof value !== "string") return String(value);
  if (PLAIN.test(value) && !RESERVED.test(value)) return value;
  return JSON.stringify(wellFormed(value)).replace(UNPRINTABLE, escapeCharacter);
}

/** Half of a surrogate pair is no character: no file can hold it. */
export function wellFormed(value: string): string {
  return value.replace(/\p{Surrogate}/gu, "\uFFFD");
}

function escapeCharacter(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
