/** Writes a file of many lines as a whole: beside its place, synced, renamed; never more than a piece of it in memory. */
import { open, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { syncDirectory } from "@kloros/bus";

/** The file is written in pieces of this many characters. */
const PIECE_CHARACTERS = 256 * 1024;

/** `write` is given a function that adds a line. A failure leaves what was there before. */
export async function writeLinesAtomic(
  path: string,
  write: (add: (line: string) => Promise<void>) => Promise<void>,
): Promise<void> {
  // One writer per cycle, so the name can be the same in each life, and a killed one leaves nothing that adds up.
  const temp = join(dirname(path), `.${basename(path)}.kloros-tmp`);
  const handle = await open(temp, "w", 0o600);
  try {
    let piece = "";
    await write(async (line) => {
      piece += `${line}\n`;
      if (piece.length < PIECE_CHARACTERS) return;
      const full = piece;
      piece = "";
      await handle.writeFile(full);
    });
    await handle.writeFile(piece);
    await handle.sync();
  } catch (cause) {
    await handle.close();
    await rm(temp, { force: true }).catch(() => undefined);
    throw cause;
  }
  await handle.close();
  await rename(temp, path);
  await syncDirectory(dirname(path));
}
