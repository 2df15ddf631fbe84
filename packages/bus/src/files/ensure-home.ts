/** The folders of a home. Files in them belong to the daemons that write them. */
import { chmod, mkdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { errnoOf, FileError } from "./errors.ts";
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
  "run",
  "keys",
] as const;

/** Sockets, secrets and journals: nobody else's business even when an older home was more open. */
const PRIVATE_FOLDERS: readonly string[] = ["journal", "run", "keys"];

/** A sandboxed daemon sees folders of others as read-only, or cannot look into them: they are not its to tidy. */
const NOT_OURS: readonly (string | undefined)[] = ["EROFS", "EACCES"];

/**
 * Creates what is missing of the home, 0700; closes `journal`, `run` and `keys` to others; removes temporary
 * files of killed writers. Safe to call from many processes at once, and again at each start. Folders that exist
 * may be read-only.
 * @throws {FileError} a missing folder cannot be created
 */
export async function ensureHome(home: string): Promise<void> {
  for (const folder of HOME_FOLDERS) {
    const path = join(home, folder);
    try {
      await mkdir(path, { recursive: true, mode: 0o700 });
    } catch (cause) {
      throw new FileError("create", path, cause);
    }
    try {
      if (PRIVATE_FOLDERS.includes(folder) && ((await stat(path)).mode & 0o077) !== 0)
        await chmod(path, 0o700);
      await removeStaleTempFiles(path).catch(unlessNotOurs);
    } catch (cause) {
      throw new FileError("close or tidy", path, cause);
    }
  }
}

function unlessNotOurs(cause: unknown): void {
  if (!NOT_OURS.includes(errnoOf(cause))) throw cause;
}
