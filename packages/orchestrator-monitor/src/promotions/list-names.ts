import { type Dir, opendirSync } from "node:fs";
import type { Slices } from "./slices.ts";

/** Entries read from the disk at once. */
const BATCH_ENTRIES = 1_024;

export interface Names {
  readonly names: ReadonlySet<string>;
  /** Names that were wanted and had no place. */
  readonly beyond: number;
}

/**
 * The names of a folder that are wanted, at most `max`, those in `preferred` first. A folder that does not exist is empty.
 * @throws what the system says otherwise
 */
export async function listNames(
  folder: string,
  isWanted: (name: string) => boolean,
  max: number,
  slices: Slices,
  preferred: { has(name: string): boolean } = new Set(),
): Promise<Names> {
  const names = new Set<string>();
  const rest: string[] = [];
  let wanted = 0;
  const dir = open(folder);
  if (dir === null) return { names, beyond: 0 };
  try {
    for (let entry = dir.readSync(); entry !== null; entry = dir.readSync()) {
      if (slices.over) await slices.turn();
      if (!isWanted(entry.name)) continue;
      wanted++;
      if (preferred.has(entry.name)) names.add(entry.name);
      else if (rest.length < max) rest.push(entry.name);
    }
  } finally {
    dir.closeSync();
  }
  for (const name of rest) if (names.size < max) names.add(name);
  return { names, beyond: Math.max(0, wanted - names.size) };
}

function open(folder: string): Dir | null {
  try {
    return opendirSync(folder, { bufferSize: BATCH_ENTRIES });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw error;
  }
}
