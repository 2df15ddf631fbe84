/**
 * The disk under the registry: reads it when it lies still, replaces it whole.
 *
 * I1 The file is never rewritten in place: temporary file beside it, sync, rename, sync of the folder.
 * I2 It is replaced only while it still holds the bytes that the new ones were made from.
 * I3 What an editor writes into the old file while it is being replaced is put back.
 * I4 A file that an editor is just writing (changed moments ago, or suddenly empty or gone) is waited for, within limits.
 * A symbolic link is followed, so that a registry kept in another folder stays there.
 */
import { type FileHandle, link, open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FileError, syncDirectory } from "@kloros/bus";

/** Larger files are no registries: 16 MiB are some 40,000 entries. */
export const MAX_REGISTRY_BYTES = 16 * 1024 * 1024;
/** Owner only, as all files of a home. */
const NEW_FILE_MODE = 0o600;

export interface StorageTimings {
  /** A file that others changed must have lain still for so long before it is believed, in milliseconds. */
  readonly settleMs: number;
  /** Longest wait for it to lie still, or for an emptied or vanished file to come back, in milliseconds. */
  readonly settleLimitMs: number;
}

/** The steps of a replacement, in order; told to whoever watches it. */
export type ReplaceStep = "temp-written" | "unchanged" | "renamed" | "synced";

/** Bytes of the file, or null when there is none. */
export type Content = Buffer | null;

/**
 * The content once it lies still. `known` is what we last saw or wrote ourselves: it needs no waiting.
 * @throws {FileError} unreadable, no regular file, or over 16 MiB
 */
export async function readSettled(path: string, known: Content, timings: StorageTimings): Promise<Content> {
  const giveUpAt = performance.now() + timings.settleLimitMs;
  for (;;) {
    const { content, ageMs } = await readOnce(path);
    if (isSame(content, known)) return content;
    const isEmptied = known !== null && known.length > 0 && (content === null || content.length === 0);
    const isSettled = !isEmptied && (content === null || Math.abs(ageMs) >= timings.settleMs);
    if (isSettled || performance.now() >= giveUpAt) return content;
    await sleep(Math.min(timings.settleMs, Math.max(1, giveUpAt - performance.now())));
  }
}

/**
 * Replaces the content made from `base`. False: the file no longer held `base`, or an editor wrote into it at the
 * very moment of the replacement; what the others wrote stands in `path`, and the caller starts over.
 * To be called under the registry's lock only: the temporary file has one name.
 * @throws {FileError} the old content is then still whole
 */
export async function replaceContent(
  path: string,
  base: Content,
  next: Buffer,
  watch: ReplaceWatch,
): Promise<boolean> {
  let old: FileHandle | undefined;
  try {
    const target = await targetOf(path);
    const temp = join(dirname(target), `.${basename(target)}.kloros-tmp`);
    old = base === null ? undefined : await openExisting(target);
    if (base !== null && !old) return false;
    await writeTemp(temp, next, old);
    await watch.onStep("temp-written");
    if (!isSame((await readOnce(path)).content, base)) return false;
    await watch.onStep("unchanged");
    if (!(await putInPlace(temp, target, base === null))) return false;
    await watch.onStep("renamed");
    if (old && base && !(await hasStill(old, base))) {
      await writeTemp(temp, await settledBytes(old, watch.timings), old);
      await rename(temp, target);
      return false;
    }
    await syncDirectory(dirname(target));
    await watch.onStep("synced");
    return true;
  } catch (cause) {
    throw cause instanceof FileError ? cause : new FileError("write", path, cause);
  } finally {
    await old?.close();
  }
}

export interface ReplaceWatch {
  readonly timings: StorageTimings;
  onStep(step: ReplaceStep): void | Promise<void>;
}

export function isSame(a: Content, b: Content): boolean {
  return a === null || b === null ? a === b : a.equals(b);
}

async function readOnce(path: string): Promise<{ content: Content; ageMs: number }> {
  try {
    const found = await stat(path);
    if (!found.isFile()) throw Object.assign(new Error("not a regular file"), { code: "EISDIR" });
    if (found.size > MAX_REGISTRY_BYTES) throw new Error(`larger than ${MAX_REGISTRY_BYTES} bytes`);
    return { content: await readFile(path), ageMs: Date.now() - found.mtimeMs };
  } catch (cause) {
    if (isMissing(cause)) return { content: null, ageMs: 0 };
    throw new FileError("read", path, cause);
  }
}

/** The file behind a symbolic link. A link that leads nowhere is an error, not a new file. */
async function targetOf(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (cause) {
    if (isMissing(cause)) return path;
    throw cause;
  }
}

async function openExisting(target: string): Promise<FileHandle | undefined> {
  return open(target, "r").catch((cause: unknown) => {
    if (isMissing(cause)) return undefined;
    throw cause;
  });
}

/** False: `target` was to be new and somebody has just made it. */
async function putInPlace(temp: string, target: string, isNew: boolean): Promise<boolean> {
  if (isNew) {
    const linked = await link(temp, target).then(
      () => "done" as const,
      (cause: unknown) => errnoOf(cause),
    );
    if (linked === "done") await rm(temp);
    if (linked === "done" || linked === "EEXIST") return linked === "done";
    // A file system without hard links: rename, which cannot say that somebody was faster.
  }
  await rename(temp, target);
  return true;
}

async function hasStill(file: FileHandle, base: Buffer): Promise<boolean> {
  const { size } = await file.stat();
  return size === base.length && (await readWhole(file, size)).equals(base);
}

/** I3: what the editor leaves in the replaced file, once it has stopped writing. */
async function settledBytes(file: FileHandle, timings: StorageTimings): Promise<Buffer> {
  const giveUpAt = performance.now() + timings.settleLimitMs;
  for (let seen: Buffer | null = null; ;) {
    const bytes = await readWhole(file, (await file.stat()).size);
    if ((bytes.length > 0 && isSame(seen, bytes)) || performance.now() >= giveUpAt) return bytes;
    seen = bytes;
    await sleep(timings.settleMs);
  }
}

async function readWhole(file: FileHandle, size: number): Promise<Buffer> {
  const bytes = Buffer.alloc(size);
  const { bytesRead } = await file.read(bytes, 0, size, 0);
  return bytes.subarray(0, bytesRead);
}

async function writeTemp(temp: string, bytes: Buffer, old: FileHandle | undefined): Promise<void> {
  await rm(temp, { force: true }); // Left by one that was killed: only the holder of the lock writes here.
  const handle = await open(temp, "wx", NEW_FILE_MODE);
  try {
    if (old) {
      const { mode, uid, gid } = await old.stat();
      await handle.chown(uid, gid).catch(() => undefined); // Only root may give files away; the content counts.
      await handle.chmod(mode & 0o777);
    }
    await handle.writeFile(bytes);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function isMissing(cause: unknown): boolean {
  return errnoOf(cause) === "ENOENT";
}

function errnoOf(cause: unknown): unknown {
  return cause instanceof Error && "code" in cause ? cause.code : undefined;
}
