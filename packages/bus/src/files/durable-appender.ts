/**
 * Appends lines to a file that several processes append to, and says so only when they are on disk.
 *
 * I1 A line is whole or absent: under an OFD lock on the file itself, one write, then fdatasync; a write that
 *    fails half-way is cut off again.
 * I2 The half line of a process that was killed is ended by a newline before anything is added, so it spoils
 *    one line only (readers skip it).
 * I3 Group commit: while one sync runs the next lines collect; they share one write and one sync.
 * I4 A file that was renamed away (rotated, archived) is never written to again: the name is checked under the
 *    lock. Whoever rotates takes `lockFileInPlace` first.
 * I5 What waits is bounded in bytes (P5), the wait for the lock in time (P10).
 */
import { constants } from "node:fs";
import { type FileHandle, open, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { tryLock, unlock } from "fs-native-extensions";
import { AppendQueueFullError, FileError, FileLockTimeoutError, LineInvalidError } from "./errors.ts";
import { isStillNamed, pollForLock } from "./file-lock.ts";
import { syncDirectory } from "./write-file-atomic.ts";

/** Longest line, newline excluded: readers hold one line in memory. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;
/** Lines waiting for the disk; beyond it `append` refuses instead of eating memory. */
const MAX_PENDING_BYTES = 64 * 1024 * 1024;
/** Others hold the lock for one write and one sync; ten seconds of that is a sick disk. */
const LOCK_DEADLINE_MS = 10_000;
const NEWLINE = 0x0a;

export interface Appended {
  /** Byte offset at which the line begins; give it to `readJsonLines` as `from`. */
  readonly offset: number;
  /** Length of the line in bytes, its newline included. */
  readonly bytes: number;
}

export interface AppenderOptions {
  /** Mode of the file when it is created. Default 0600. */
  readonly mode?: number;
  /** Longest wait for another process's lock, in milliseconds. Default 10,000. */
  readonly lockDeadlineMs?: number;
}

interface Waiting {
  readonly line: Buffer;
  resolve(appended: Appended): void;
  reject(cause: unknown): void;
}

/** Appends to one file for as long as a daemon lives. Opens it at the first append. */
export class DurableAppender {
  readonly path: string;
  readonly #mode: number;
  readonly #lockDeadlineMs: number;
  #handle: FileHandle | undefined;
  #waiting: Waiting[] = [];
  #pendingBytes = 0;
  #running: Promise<void> | undefined;

  constructor(path: string, options: AppenderOptions = {}) {
    this.path = path;
    this.#mode = options.mode ?? 0o600;
    this.#lockDeadlineMs = options.lockDeadlineMs ?? LOCK_DEADLINE_MS;
  }

  /**
   * Appends one line (without its newline). Resolves when it is on disk.
   * @throws {LineInvalidError} it holds a newline or is longer than 16 MiB
   * @throws {AppendQueueFullError} 64 MiB already wait
   * @throws {FileError}, {FileLockTimeoutError} nothing of it is in the file
   */
  async append(line: string | Uint8Array): Promise<Appended> {
    const bytes = Buffer.concat([typeof line === "string" ? Buffer.from(line) : line, Buffer.from("\n")]);
    if (bytes.length - 1 > MAX_LINE_BYTES)
      throw new LineInvalidError(this.path, `the line is longer than ${MAX_LINE_BYTES} bytes`);
    if (bytes.indexOf(NEWLINE) !== bytes.length - 1)
      throw new LineInvalidError(this.path, "the line holds a line break");
    if (this.#pendingBytes + bytes.length > MAX_PENDING_BYTES)
      throw new AppendQueueFullError(this.path, MAX_PENDING_BYTES);
    this.#pendingBytes += bytes.length;
    return new Promise<Appended>((resolve, reject) => {
      this.#waiting.push({ line: bytes, resolve, reject });
      this.#running ??= this.#run();
    });
  }

  /** Waits for what was appended and closes the file. A later append opens it again. */
  async close(): Promise<void> {
    while (this.#running) await this.#running;
    await this.#forget();
  }

  async #run(): Promise<void> {
    await Promise.resolve(); // Lets all appends of this turn into the first batch.
    while (this.#waiting.length > 0) {
      const batch = this.#waiting;
      this.#waiting = [];
      try {
        const offsets = await this.#commit(batch.map((entry) => entry.line));
        batch.forEach((entry, index) =>
          entry.resolve({ offset: offsets[index] ?? 0, bytes: entry.line.length }),
        );
      } catch (cause) {
        for (const entry of batch) entry.reject(cause);
      } finally {
        for (const entry of batch) this.#pendingBytes -= entry.line.length;
      }
    }
    this.#running = undefined;
  }

  async #commit(lines: readonly Buffer[]): Promise<number[]> {
    try {
      const result = await pollForLock(() => this.#tryLockNamed(), { deadlineMs: this.#lockDeadlineMs });
      if (result.kind === "busy") throw new FileLockTimeoutError(this.path, this.#lockDeadlineMs);
      try {
        return await appendBatch(result.handle, lines);
      } finally {
        unlock(result.handle.fd);
      }
    } catch (cause) {
      await this.#forget();
      if (cause instanceof FileLockTimeoutError) throw cause;
      throw new FileError("append to", this.path, cause);
    }
  }

  /** Locks the file that now has the name (I4), opening or creating it when need be. */
  async #tryLockNamed(): Promise<{ kind: "held"; handle: FileHandle } | { kind: "busy" }> {
    this.#handle ??= await openForAppend(this.path, this.#mode);
    const handle = this.#handle;
    if (!tryLock(handle.fd)) {
      if (!isStillNamed(this.path, handle.fd)) await this.#forget();
      return { kind: "busy" };
    }
    if (isStillNamed(this.path, handle.fd)) return { kind: "held", handle };
    await this.#forget();
    return this.#tryLockNamed();
  }

  async #forget(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close().catch(() => undefined); // Closing frees the lock as well.
  }
}

/** One line to one file, once; see `DurableAppender`, which is cheaper for many. */
export async function appendLineDurable(
  path: string,
  line: string | Uint8Array,
  options: AppenderOptions = {},
): Promise<Appended> {
  const appender = new DurableAppender(path, options);
  try {
    return await appender.append(line);
  } finally {
    await appender.close();
  }
}

/**
 * Keeps all appenders out of `path` until `release()`, for whoever rotates or archives it: rename it, and the
 * appenders go on with a new file.
 * @throws {FileError} no such file
 * @throws {FileLockTimeoutError}
 */
export async function lockFileInPlace(
  path: string,
  options: { readonly deadlineMs: number },
): Promise<{ release(): Promise<void> }> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "r+");
    const { fd } = handle;
    const result = await pollForLock(
      () => ({ kind: tryLock(fd) ? ("held" as const) : ("busy" as const) }),
      options,
    );
    if (result.kind === "busy") throw new FileLockTimeoutError(path, options.deadlineMs);
    const held = handle;
    return { release: async () => held.close() };
  } catch (cause) {
    await handle?.close();
    if (cause instanceof FileLockTimeoutError) throw cause;
    throw new FileError("lock", path, cause);
  }
}

async function openForAppend(path: string, mode: number): Promise<FileHandle> {
  const existed = await stat(path).then(
    () => true,
    () => false,
  );
  const handle = await open(path, constants.O_RDWR | constants.O_APPEND | constants.O_CREAT, mode);
  if (!existed) await syncDirectory(dirname(path));
  return handle;
}

async function appendBatch(handle: FileHandle, lines: readonly Buffer[]): Promise<number[]> {
  const { size } = await handle.stat();
  const repair = (await endsInNewline(handle, size)) ? Buffer.alloc(0) : Buffer.from("\n"); // I2
  const data = Buffer.concat([repair, ...lines]);
  try {
    const { bytesWritten } = await handle.write(data);
    if (bytesWritten < data.length) await handle.writeFile(data.subarray(bytesWritten)); // Continues, or says ENOSPC.
    await handle.datasync();
  } catch (cause) {
    await handle.truncate(size).catch(() => undefined); // I1: we hold the lock, nobody wrote behind us.
    throw cause;
  }
  let next = size + repair.length;
  return lines.map((line) => {
    const offset = next;
    next += line.length;
    return offset;
  });
}

async function endsInNewline(handle: FileHandle, size: number): Promise<boolean> {
  if (size === 0) return true;
  const last = Buffer.alloc(1);
  await handle.read(last, 0, 1, size - 1);
  return last[0] === NEWLINE;
}
