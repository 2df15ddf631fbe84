/** Finding one signal in a journal by its id. */
import { walkLines, type Block } from "./block.ts";
import type { Journal } from "./journal.ts";

/** The line of the signal with this id, or null. */
export function findLine(journal: Journal, id: string): string | null {
  const place = journal.locateId(id);
  if (place === null) return null;
  const [reading] = journal.blocksFrom("seq" in place ? place.seq : place.block);
  return reading?.kind === "block" ? lineOf(reading.block, id) : null;
}

function lineOf(block: Block, id: string): string | null {
  const needle = Buffer.from(`,"id":"${id}"`);
  if (!block.lines.includes(needle)) return null;
  let found: string | null = null;
  walkLines(block, (_seq, start, end) => {
    const line = block.lines.subarray(start, end);
    // The envelope's own id comes before its facts, which may quote other ids.
    const at = line.indexOf(needle);
    if (at < 0 || at > line.indexOf(FACTS)) return true;
    found = line.toString("utf8");
    return false;
  });
  return found;
}

const FACTS = ',"facts":';
