/** Finding one signal in a journal by its id. */
import type { Block } from "./block.ts";
import type { Journal } from "./journal.ts";

/** The line of the signal with this id, or null. */
export function findLine(journal: Journal, id: string): string | null {
  const place = journal.locateId(id);
  if (place === null) return null;
  const [reading] = journal.blocksFrom("seq" in place ? place.seq : place.block);
  return reading?.kind === "block" ? lineOf(reading.block, id) : null;
}

const NEWLINE = 10;
const FACTS = ',"facts":';

/** Jumps from one mention of the id to the next: a block has thousands of lines, and most of them none. */
function lineOf({ lines }: Block, id: string): string | null {
  const needle = Buffer.from(`,"id":"${id}"`);
  for (let at = lines.indexOf(needle); at >= 0; at = lines.indexOf(needle, at + needle.length)) {
    const start = lines.lastIndexOf(NEWLINE, at) + 1;
    // The envelope's own id comes before its facts, which may quote other ids.
    if (at < lines.indexOf(FACTS, start))
      return lines.toString("utf8", start, lines.indexOf(NEWLINE, at) + 1);
  }
  return null;
}
