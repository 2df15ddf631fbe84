/** Failures of the files layer: which file, which errno, what to do about it. */
import { KlorosError } from "../signal/errors.ts";

const REMEDIES: Readonly<Record<string, string>> = {
  ENOSPC: "the disk is full: free space on it; nothing was damaged",
  EDQUOT: "the disk quota is used up: free space or raise it; nothing was damaged",
  EROFS: "the file system is read-only: mount it writable or choose another home",
  EACCES: "permission denied: make it writable for this user or choose another home",
  EPERM: "not permitted: make it writable for this user or choose another home",
  ENOENT: "it does not exist: create the folder, or check the path",
  ENOTDIR: "a part of the path is a file: move that file away or choose another path",
  EEXIST: "a file is where a folder should be: move that file away or choose another path",
  EISDIR: "it is a folder where a file is expected: move it away",
  EMFILE: "too many open files: raise the limit (ulimit -n)",
};

/** A file operation that the operating system refused; `errno` says why (`ENOSPC`, `EROFS`, …). */
export class FileError extends KlorosError {
  readonly path: string;
  readonly errno: string;

  constructor(operation: string, path: string, cause: unknown) {
    const errno = errnoOf(cause) ?? "EUNKNOWN";
    const detail = REMEDIES[errno] ?? (cause instanceof Error ? cause.message : String(cause));
    super("E_FILE", `cannot ${operation} ${path}: ${detail} (${errno})`, { cause });
    this.path = path;
    this.errno = errno;
  }
}

/**
 * The home, or a folder in it that nobody else may enter, belongs to another user or is open to others and could not be closed.
 * The message names the folder and the command that puts it right.
 */
export class HomeNotPrivateError extends KlorosError {
  readonly path: string;
  constructor(path: string, detail: string, options?: ErrorOptions) {
    super("E_HOME_NOT_PRIVATE", `${path} ${detail}`, options);
    this.path = path;
  }
}

/** Causes of causes that are looked at. */
const MAX_CAUSES = 8;

/** What says that a disk is full: the system, for the user's share of it, and the journal, which keeps a reserve (`DiskFullError`). */
const FULL = ["ENOSPC", "EDQUOT", "E_DISK_FULL"];

/** Whether an error, or what caused it, is that a disk (or the user's share of it) is full. */
export function isDiskFull(error: unknown): boolean {
  let at = error;
  for (let depth = 0; at instanceof Error && depth < MAX_CAUSES; depth++, at = at.cause) {
    const { errno, code } = at as { readonly errno?: unknown; readonly code?: unknown };
    if ([errno, code].some((word) => typeof word === "string" && FULL.includes(word))) return true;
  }
  return false;
}

/** A line that cannot be one line of a JSON Lines file: it holds a line break, or is too long. */
export class LineInvalidError extends KlorosError {
  constructor(path: string, problem: string) {
    super("E_LINE_INVALID", `cannot append to ${path}: ${problem}`);
  }
}

/** More bytes wait for the disk than the appender's limit; nothing of this line was written (P5). */
export class AppendQueueFullError extends KlorosError {
  constructor(path: string, limitBytes: number) {
    super(
      "E_APPEND_QUEUE_FULL",
      `cannot append to ${path}: ${limitBytes} bytes already wait for the disk; try again later`,
    );
  }
}

/** Another process kept a file locked for longer than the deadline. */
export class FileLockTimeoutError extends KlorosError {
  readonly path: string;
  constructor(path: string, deadlineMs: number) {
    super(
      "E_FILE_LOCK_TIMEOUT",
      `${path} stayed locked by another process for ${deadlineMs} ms; see who holds it with: fuser ${path}`,
    );
    this.path = path;
  }
}

/** The `code` of a Node system error (`ENOENT`), else undefined. */
export function errnoOf(cause: unknown): string | undefined {
  if (!(cause instanceof Error) || !("code" in cause)) return undefined;
  return typeof cause.code === "string" ? cause.code : undefined;
}
