/**
 * Whole files are replaced, never rewritten in place: a reader sees the old content or the new, and so does
 * the disk after a power cut.
 */
import { randomBytes } from "node:crypto";
import { type FileHandle, open, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { errnoOf, FileError } from "./errors.ts";

/** Ends the names of files on their way to become another; they begin with a dot, so watchers pass them by. */
const TEMP_SUFFIX = ".kloros-tmp";
/** A temporary file older than this was left by a process that was killed: no write takes an hour. */
const STALE_TEMP_MS = 3_600_000;

/**
 * Replaces the content of `path`: temporary file beside it, sync, rename, sync of the folder. Resolves when all
 * is on disk. A symbolic link at `path` is replaced, not followed.
 * `mode`: left out, the mode of the file that is replaced, else 0600.
 * @throws {FileError} the old content is then still whole
 */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  options: { readonly mode?: number } = {},
): Promise<void> {
  const temp = join(
    dirname(path),
    `.${basename(path)}.${process.pid}.${randomBytes(6).toString("hex")}${TEMP_SUFFIX}`,
  );
  try {
    const mode = options.mode ?? (await modeOf(path)) ?? 0o600;
    await writeSynced(temp, data, mode);
    await rename(temp, path);
    await syncDirectory(dirname(path));
  } catch (cause) {
    await rm(temp, { force: true }).catch(() => undefined);
    throw new FileError("write", path, cause);
  }
}

/** Makes creations, renames and deletions in the folder durable. */
export async function syncDirectory(directory: string): Promise<void> {
  await withHandle(await open(directory, "r"), (handle) => handle.sync());
}

/** Removes temporary files that killed writers left in `directory` more than an hour ago; says how many. */
export async function removeStaleTempFiles(directory: string, nowMs = Date.now()): Promise<number> {
  let removed = 0;
  for (const name of await readdir(directory)) {
    if (!name.startsWith(".") || !name.endsWith(TEMP_SUFFIX)) continue;
    const path = join(directory, name);
    const found = await stat(path).catch(() => undefined);
    if (!found || nowMs - found.mtimeMs < STALE_TEMP_MS) continue;
    await rm(path, { force: true });
    removed++;
  }
  return removed;
}

async function writeSynced(path: string, data: string | Uint8Array, mode: number): Promise<void> {
  await withHandle(await open(path, "wx", mode), async (handle) => {
    await handle.chmod(mode); // The umask may have taken bits away from a file that is meant to be shared.
    await handle.writeFile(data);
    await handle.sync();
  });
}

async function modeOf(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mode & 0o777;
  } catch (cause) {
    if (errnoOf(cause) === "ENOENT") return undefined;
    throw cause;
  }
}

async function withHandle(handle: FileHandle, use: (handle: FileHandle) => Promise<void>): Promise<void> {
  try {
    await use(handle);
  } finally {
    await handle.close();
  }
}
