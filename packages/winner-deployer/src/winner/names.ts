/** Names that become parts of paths: they stay inside their folder, hide nothing and confuse no reader. Pure. */

/** Longest name; ids of cycles are about 40 characters. */
const MAX_NAME_CHARACTERS = 200;
const PLAIN = /^[A-Za-z0-9_][A-Za-z0-9_.-]*$/u;

/** One path segment of letters, digits, `_`, `-`, `.`, which does not begin with a dot. */
export function isPlainName(name: string): boolean {
  return name.length <= MAX_NAME_CHARACTERS && PLAIN.test(name);
}
