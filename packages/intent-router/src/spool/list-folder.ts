/** The names in a folder, streamed, so that a folder of any size costs the memory of one chunk. */
import { opendir } from "node:fs/promises";
import { isTemporaryName, type RawName } from "./raw-name.ts";

/** Names read from the disk at once. */
const CHUNK_NAMES = 512;

export interface Listing {
  /** False when `take` refused a name and the rest was not read. */
  readonly complete: boolean;
  /** Files with temporary names, which were passed by. */
  readonly temporary: number;
}

/**
 * Offers every name that is not temporary to `take`, until it answers false.
 * @throws the system's error when the folder cannot be read
 */
export async function listFolder(
  folder: string,
  passBy: ReadonlySet<RawName>,
  take: (name: RawName) => boolean,
): Promise<Listing> {
  let temporary = 0;
  for await (const { name } of await opendir(folder, { encoding: "latin1", bufferSize: CHUNK_NAMES })) {
    if (passBy.has(name)) continue;
    if (isTemporaryName(name)) temporary += 1;
    else if (!take(name)) return { complete: false, temporary };
  }
  return { complete: true, temporary };
}
