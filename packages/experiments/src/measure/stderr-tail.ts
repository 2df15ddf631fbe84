/** The end of what a program complained about: the part that a person needs, of a size that fits into a result. */

/** In characters: the last lines of a traceback. */
const MAX_TAIL_CHARACTERS = 2_000;

/** The last characters of a program's standard error, begun at a line where there is one. */
export function stderrTail(stderr: string): string {
  const text = stderr.trimEnd();
  if (text.length <= MAX_TAIL_CHARACTERS) return text;
  const tail = text.slice(-MAX_TAIL_CHARACTERS);
  const line = tail.indexOf("\n");
  return `…${line < 0 ? tail : tail.slice(line + 1)}`;
}
