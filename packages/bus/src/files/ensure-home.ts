/** The folders of a home. Files in them belong to the daemons that write them. */
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf, FileError } from "./errors.ts";
import { closeHome } from "./private-home.ts";
import { removeStaleTempFiles } from "./write-file-atomic.ts";

/** Every folder that a home has from the beginning, parents first. */
export const HOME_FOLDERS = [
  ".",
  "intents",
  "intents/rejected",
  "intents/duplicate",
  "archive",
  "dream_lab",
  "dream_lab/promotions",
  "dream_lab/promotions/acknowledged",
  "dream_lab/winners",
  "dream_lab/cycles",
  "deployed",
  "journal",
  "checkpoints",
  "run",
  "keys",
] as const;

/** A sandboxed daemon sees folders of others as read-only, or cannot look into them: they are not its to tidy. */
const NOT_OURS: readonly (string | undefined)[] = ["EROFS", "EACCES"];

/**
 * Creates what is missing of the home, 0700; closes it, `journal`, `run` and `keys` to others, and returns a sentence for
 * each that was open; removes temporary files of killed writers. Safe to call from many processes at once, and again at
 * each start. Folders that exist may be read-only.
 * @throws {FileError} a missing folder cannot be created
 * @throws {HomeNotPrivateError} the home belongs to somebody else, or is open and must not be closed
 */
export async function ensureHome(home: string): Promise<readonly string[]> {
  const closed = await closeHome(home);
  for (const folder of HOME_FOLDERS) {
    const path = join(home, folder);
    try {
      await mkdir(path, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw new FileError("create", path, cause);
    }
    try {
      await removeStaleTempFiles(path).catch(unlessNotOurs);
    } catch (cause) {
      throw new FileError("tidy", path, cause);
    }
  }
  return closed;
}

function unlessNotOurs(cause: unknown): void {
  if (!NOT_OURS.includes(errnoOf(cause))) throw cause;
}
