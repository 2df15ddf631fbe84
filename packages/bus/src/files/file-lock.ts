/**
 * Locks between processes that die with their holder, even by `kill -9`.
 *
 * I1 The lock is an OFD lock of the kernel on an open file: no PID file, no stale lock, and it works across
 *    network and PID namespaces that share the file.
 * I2 Node opens files close-on-exec, so a child process never inherits the lock.
 * I3 The lock file is never deleted: a deleted and re-created one would be two files with two holders.
 *    Should somebody else delete it, the newcomer notices that it locked a file without a name and tries again.
 * What the file says about the holder is for messages only; the kernel decides who holds.
 */
import {
  closeSync,
  constants,
  fstatSync,
  ftruncateSync,
  openSync,
  readSync,
  statSync,
  writeSync,
} from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { tryLock, unlock } from "fs-native-extensions";
import { FileError } from "./errors.ts";

/** Who holds a lock, as written by the holder itself. */
export interface LockHolder {
  readonly name: string;
  readonly pid: number;
  /** RFC 3339, UTC. */
  readonly since: string;
}

export interface FileLock {
  /** Lets go of the lock. Idempotent. */
  release(): void;
  /** False when the lock file was deleted or replaced: then somebody else may take "the same" lock. */
  isIntact(): boolean;
}

export type LockResult =
  | { readonly kind: "held"; readonly lock: FileLock }
  /** `holder` is null when it has not written its name yet. */
  | { readonly kind: "busy"; readonly holder: LockHolder | null };

/** A holder's note is one short line; more than this is not ours. */
const MAX_NOTE_BYTES = 4096;
/** A lock file that keeps being deleted while we lock it is an attack or a bug: give up after so many. */
const MAX_REOPENS = 100;
const POLL_FIRST_MS = 5;
/** Waiters ask at most this often: a wait costs no measurable CPU, and a release is seen soon. */
const POLL_LONGEST_MS = 50;

/**
 * Takes the exclusive lock on `path` (created 0600 when missing) or says who has it; never waits.
 * The lock ends with `release()` or with this process.
 * @throws {FileError} the file cannot be opened or locked
 */
export function acquireFileLock(path: string, holder: { readonly name: string }): LockResult {
  const fd = openLocked(path);
  if (typeof fd !== "number") return { kind: "busy", holder: fd.holder };
  writeNote(fd, { name: holder.name, pid: process.pid, since: new Date().toISOString() });
  return { kind: "held", lock: lockOn(path, fd) };
}

/**
 * Who holds the lock on `path`, without taking it; null: nobody does, or its note is not written. A lock that nobody
 * holds is tried for some microseconds: who takes it in just that moment may find it busy.
 * @throws {FileError} the file exists and cannot be opened
 */
export function lockHolder(path: string): LockHolder | null {
  let fd: number | undefined;
  try {
    fd = openSync(path, constants.O_RDWR | constants.O_NOFOLLOW);
    if (!tryLock(fd, 0, 0, { shared: true })) return readNote(fd);
    unlock(fd);
    return null;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return null;
    throw new FileError("lock", path, cause);
  } finally {
    if (fd !== undefined) closeSync(fd);
  }
}

/**
 * Like `acquireFileLock`, but asks again until `deadlineMs` (milliseconds from now) has passed; then `busy`.
 * @throws {FileError} the file cannot be opened or locked
 * @throws the signal's reason when `signal` is aborted
 */
export async function waitForFileLock(
  path: string,
  holder: { readonly name: string },
  options: { readonly deadlineMs: number; readonly signal?: AbortSignal },
): Promise<LockResult> {
  return pollForLock(() => acquireFileLock(path, holder), options);
}

/** Calls `attempt` until it is held or the deadline (P10) has passed; the pauses grow and are jittered. */
export async function pollForLock<T extends { readonly kind: string }>(
  attempt: () => T | Promise<T>,
  options: { readonly deadlineMs: number; readonly signal?: AbortSignal },
): Promise<T> {
  const giveUpAt = performance.now() + options.deadlineMs;
  for (let pauseMs = POLL_FIRST_MS; ; pauseMs = Math.min(pauseMs * 2, POLL_LONGEST_MS)) {
    const result = await attempt();
    const leftMs = giveUpAt - performance.now();
    if (result.kind === "held" || leftMs <= 0) return result;
    const jitteredMs = Math.min(leftMs, pauseMs * (0.5 + Math.random()));
    await sleep(jitteredMs, undefined, options.signal ? { signal: options.signal } : {});
  }
}

/** True while `path` still names the file behind `fd`; false after a rename, a deletion, a replacement. */
export function isStillNamed(path: string, fd: number): boolean {
  const named = statSync(path, { throwIfNoEntry: false });
  if (!named) return false;
  const open = fstatSync(fd);
  return named.ino === open.ino && named.dev === open.dev;
}

function openLocked(path: string): number | { holder: LockHolder | null } {
  for (let reopens = 0; reopens < MAX_REOPENS; reopens++) {
    let fd: number | undefined;
    try {
      fd = openSync(path, constants.O_RDWR | constants.O_CREAT | constants.O_NOFOLLOW, 0o600);
      if (!tryLock(fd)) {
        const holder = readNote(fd);
        closeSync(fd);
        return { holder };
      }
      if (isStillNamed(path, fd)) return fd;
      closeSync(fd);
    } catch (cause) {
      if (fd !== undefined) closeSync(fd);
      throw new FileError("lock", path, cause);
    }
  }
  throw new FileError("lock", path, new Error("it is deleted again and again while being locked"));
}

function lockOn(path: string, fd: number): FileLock {
  let held = true;
  return {
    isIntact: () => held && isStillNamed(path, fd),
    release() {
      if (!held) return;
      held = false;
      try {
        ftruncateSync(fd, 0);
      } catch {
        // Only the note for messages; the lock itself is freed below.
      }
      unlock(fd); // Explicitly: a child between fork and exec shares the open file for a moment.
      closeSync(fd);
    },
  };
}

/** Written over the old note and then cut, so that a reader never meets an empty file in between. */
function writeNote(fd: number, note: LockHolder): void {
  const line = Buffer.from(`${JSON.stringify(note)}\n`);
  try {
    writeSync(fd, line, 0, line.length, 0);
    ftruncateSync(fd, line.length);
  } catch {
    // A full disk must not keep a daemon from holding its lock; the note is for messages only.
  }
}

function readNote(fd: number): LockHolder | null {
  const buffer = Buffer.alloc(MAX_NOTE_BYTES);
  const length = readSync(fd, buffer, 0, buffer.length, 0);
  const [firstLine = ""] = buffer.toString("utf8", 0, length).split("\n");
  try {
    const note = JSON.parse(firstLine) as Partial<LockHolder> | null;
    if (typeof note?.name !== "string" || typeof note.pid !== "number" || typeof note.since !== "string")
      return null;
    return { name: note.name, pid: note.pid, since: note.since };
  } catch {
    return null;
  }
}
