/**
 * `curiosity_investigations.jsonl`: one line per investigation, synced before anyone is told, rotated by size.
 *
 * I1 (P3) Once per investigation: after a crash between append and commit the record is found again. The durable
 *    state keeps the place up to which all records belong to committed signals; what lies behind it is read at start.
 * I2 That place never passes a record whose signal is not committed, however many are handled at once.
 * I3 Rotation happens between appends, under the appenders' lock; the place names the file by its inode.
 */
import { mkdir, readdir, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { DurableAppender, lockFileInPlace, readJsonLines, syncDirectory } from "@kloros/bus";
import type { InvestigationRecord } from "../record.ts";
import { findRecord } from "./find-record.ts";

/** Longest wait for another process that has the file locked, in milliseconds. */
const ROTATION_LOCK_MS = 10_000;

/** Up to here everything is committed. */
export interface RecordsPosition {
  readonly ino: number;
  readonly offset: number;
}

/** Before the first record of a file that does not exist yet. */
const NOWHERE: RecordsPosition = { ino: 0, offset: 0 };

interface Place extends RecordsPosition {
  readonly path: string;
}

export interface RecordLogOptions {
  /** Size at which the file is rotated, in bytes. */
  readonly maxBytes: number;
  /** Rotated files kept. */
  readonly kept: number;
  readonly now?: () => Date;
}

export class RecordLog {
  readonly path: string;
  readonly #options: RecordLogOptions;
  readonly #appender: DurableAppender;
  /** Records on disk whose signals are, as far as we know, not committed. */
  readonly #unsettled = new Map<string, Place>();
  readonly #writing = new Set<Promise<unknown>>();
  #end: RecordsPosition = NOWHERE;
  #rotating: Promise<void> | undefined;
  rotations = 0;

  private constructor(path: string, options: RecordLogOptions) {
    this.path = path;
    this.#options = options;
    this.#appender = new DurableAppender(path);
  }

  /** @param from what `position()` said when the last signal was committed; undefined: nothing is known */
  static async open(
    path: string,
    from: RecordsPosition | undefined,
    options: RecordLogOptions,
  ): Promise<RecordLog> {
    const log = new RecordLog(path, options);
    await log.#readTail(from);
    return log;
  }

  /** The record that was written for a signal which is now handled again (I1). */
  async find(investigationId: string): Promise<InvestigationRecord | undefined> {
    const place = this.#unsettled.get(investigationId);
    if (place === undefined) return undefined;
    for await (const { value } of readJsonLines<InvestigationRecord>(place.path, { from: place.offset })) {
      if (value.investigation_id === investigationId) return value;
      break;
    }
    this.#unsettled.delete(investigationId); // Somebody changed the file; the investigation is done again.
    return undefined;
  }

  /** A record that was committed before, however long ago; undefined when it was rotated away or never was. */
  async findCommitted(
    investigationId: string,
    signal: AbortSignal,
  ): Promise<InvestigationRecord | undefined> {
    const rotated = await rotatedFiles(this.path);
    return findRecord([this.path, ...rotated.reverse()], investigationId, signal);
  }

  /** Resolves when the line is on disk. */
  async append(investigationId: string, line: string): Promise<void> {
    if (this.#end.offset >= this.#options.maxBytes) this.#rotating ??= this.#rotate();
    while (this.#rotating) await this.#rotating;
    const writing = this.#write(investigationId, line);
    this.#writing.add(writing);
    try {
      await writing;
    } finally {
      this.#writing.delete(writing);
    }
  }

  /** The place to keep with the commit of this investigation's signal (I2). */
  positionAfter(investigationId: string): RecordsPosition {
    for (const [id, place] of this.#unsettled) {
      if (id !== investigationId) return { ino: place.ino, offset: place.offset };
    }
    return this.#end;
  }

  /** The signal is committed; it will not come again. */
  settle(investigationId: string): void {
    this.#unsettled.delete(investigationId);
  }

  async close(): Promise<void> {
    await this.#appender.close();
  }

  async #write(investigationId: string, line: string): Promise<void> {
    this.#unsettled.set(investigationId, { path: this.path, ...this.#end }); // I2: not before this, wherever it will be.
    try {
      const { offset, bytes } = await this.#appender.append(line);
      const end = offset + bytes;
      const isNewFile = this.#end.ino === 0 || end <= this.#end.offset;
      const ino = isNewFile ? await inodeOf(this.path) : this.#end.ino;
      this.#unsettled.set(investigationId, { path: this.path, ino, offset });
      this.#end = { ino, offset: ino === this.#end.ino ? Math.max(end, this.#end.offset) : end };
    } catch (cause) {
      this.#unsettled.delete(investigationId);
      throw cause;
    }
  }

  /** I3 */
  async #rotate(): Promise<void> {
    try {
      await Promise.allSettled(this.#writing);
      if ((await inodeOf(this.path)) === 0) {
        this.#end = NOWHERE; // Somebody moved it away already.
        return;
      }
      const held = await lockFileInPlace(this.path, { deadlineMs: ROTATION_LOCK_MS });
      const rotated = rotatedPath(this.path, (this.#options.now ?? (() => new Date()))());
      try {
        await rename(this.path, rotated);
        await syncDirectory(dirname(this.path));
      } finally {
        await held.release();
      }
      for (const [id, place] of this.#unsettled) {
        if (place.path === this.path) this.#unsettled.set(id, { ...place, path: rotated });
      }
      this.#end = NOWHERE;
      this.rotations++;
      await this.#removeOldest();
    } finally {
      this.#rotating = undefined;
    }
  }

  async #removeOldest(): Promise<void> {
    const rotated = await rotatedFiles(this.path);
    for (const path of rotated.slice(0, Math.max(0, rotated.length - this.#options.kept)))
      await rm(path, { force: true });
  }

  /** I1: the files from the committed place on, oldest first. A place nobody knows any more: all of the newest file. */
  async #readTail(from: RecordsPosition | undefined): Promise<void> {
    await mkdir(dirname(this.path), { recursive: true, mode: 0o700 });
    const paths = [...(await rotatedFiles(this.path)), this.path];
    const places: Place[] = [];
    for (const path of paths) places.push({ path, ino: await inodeOf(path), offset: 0 });
    const first =
      from === undefined ? -1 : places.findLastIndex((place) => place.ino === from.ino && place.ino !== 0);
    for (const place of first === -1 ? places.slice(-1) : places.slice(first)) {
      const isFirst = from !== undefined && place.ino === from.ino;
      await this.#readFile({
        ...place,
        offset: isFirst ? Math.min(from.offset, await sizeOf(place.path)) : 0,
      });
    }
    this.#end = { ino: await inodeOf(this.path), offset: await sizeOf(this.path) };
  }

  async #readFile({ path, ino, offset: from }: Place): Promise<void> {
    for await (const { value, offset } of readJsonLines<Partial<InvestigationRecord> | null>(path, {
      from,
    })) {
      const id = value?.investigation_id;
      if (typeof id === "string") this.#unsettled.set(id, { path, ino, offset });
    }
  }
}

/** Oldest first. */
async function rotatedFiles(path: string): Promise<string[]> {
  const stem = basename(path, ".jsonl");
  const names = await readdir(dirname(path)).catch(() => []);
  return names
    .filter((name) => name.startsWith(`${stem}.`) && /\.\d{8}T\d{9}Z(-\d+)?\.jsonl$/.test(name))
    .sort()
    .map((name) => join(dirname(path), name));
}

function rotatedPath(path: string, now: Date): string {
  const timestamp = now.toISOString().replaceAll(/[-:.]/g, "");
  return join(dirname(path), `${basename(path, ".jsonl")}.${timestamp}.jsonl`);
}

/** 0: no such file. */
async function inodeOf(path: string): Promise<number> {
  return stat(path).then(
    (stats) => stats.ino,
    () => 0,
  );
}

async function sizeOf(path: string): Promise<number> {
  return stat(path).then(
    (stats) => stats.size,
    () => 0,
  );
}
