/** What a failed LMDB commit means: no space (nothing was written, try again later), or a disk that cannot be trusted. */
import { statfsSync } from "node:fs";
import { DiskFullError, JournalWriteError } from "./errors.ts";

const EIO = 5;
const ENOSPC = 28;
const EDQUOT = 122;
/** LMDB reports a write that found room for its first part only as EIO; with less than this free it was that, in bytes. */
const NEARLY_FULL_BYTES = 8 * 1024 * 1024;

/** The error to throw for lmdb's rejection of a commit. */
export async function writeFailure(
  path: string,
  rejection: unknown,
): Promise<DiskFullError | JournalWriteError> {
  const cause = await commitCause(rejection);
  return isForWantOfSpace(path, cause)
    ? new DiskFullError(path, "no space left on the device", { cause })
    : new JournalWriteError(path, { cause });
}

/** lmdb hides the real error behind a promise of its own on the error; left alone it would end the process (lmdb-js #368). */
async function commitCause(error: unknown): Promise<unknown> {
  const hidden = (error as { commitError?: Promise<unknown> }).commitError;
  if (hidden === undefined) return error;
  return hidden.then(
    () => error,
    (cause: unknown) => cause,
  );
}

function isForWantOfSpace(path: string, cause: unknown): boolean {
  const { code, message } = cause as { code?: unknown; message?: string };
  if (code === ENOSPC || code === EDQUOT || code === "ENOSPC") return true;
  if (/No space left|quota exceeded|MDB_MAP_FULL/i.test(message ?? "")) return true;
  return code === EIO && freeBytes(path) < NEARLY_FULL_BYTES;
}

function freeBytes(path: string): number {
  try {
    const { bavail, bsize } = statfsSync(path);
    return bavail * bsize;
  } catch {
    return Infinity; // A disk that cannot even say this is not merely full.
  }
}
