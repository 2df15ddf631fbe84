/** Checkpoints on disk: `$home/checkpoints/<daemon>/<id>.json`, each written whole, checked when read, bounded in number. */
import { createHash, randomBytes } from "node:crypto";
import { mkdir, open, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { writeFileAtomic } from "@kloros/bus";
import { CheckpointError } from "./errors.ts";
import { MAX_CHECKPOINT_BYTES, MAX_CHECKPOINTS } from "./limits.ts";
import type { Snapshot } from "./snapshot.ts";

export const CHECKPOINT_ID = "^\\d{8}T\\d{9}-[0-9a-f]{6}$";
const FORMAT = 1;
/** The words around the values take room, too. */
const MAX_FILE_BYTES = 2 * MAX_CHECKPOINT_BYTES;

export interface Checkpoint {
  readonly id: string;
  readonly daemon: string;
  readonly created_at: string;
  readonly note: string | null;
  readonly snapshot: Snapshot;
}

/** What `checkpoint:list` says of one; `problem` when it cannot be read. */
export type ListedCheckpoint =
  | { readonly id: string; readonly created_at: string; readonly note: string | null; readonly bytes: number }
  | { readonly id: string; readonly problem: string };

export class CheckpointFiles {
  readonly #daemon: string;
  readonly #folder: string;

  constructor(home: string, daemon: string) {
    this.#daemon = daemon;
    this.#folder = join(home, "checkpoints", daemon);
  }

  /** Durable when it resolves; the oldest beyond `MAX_CHECKPOINTS` are removed. @throws {FileError}, {CheckpointError} */
  async write(note: string | null, snapshot: Snapshot, nowMs: number): Promise<Checkpoint> {
    const created_at = new Date(nowMs).toISOString();
    const id = `${created_at.replaceAll(/[-:.Z]/g, "")}-${randomBytes(3).toString("hex")}`;
    const checkpoint = { id, daemon: this.#daemon, created_at, note, snapshot };
    const content = JSON.stringify(checkpoint);
    if (Buffer.byteLength(content) > MAX_FILE_BYTES)
      throw new CheckpointError(`${id} would be larger than ${MAX_FILE_BYTES} bytes`);
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    await writeFileAtomic(
      this.#path(id),
      `{"format":${FORMAT},"sha256":"${digest(content)}","checkpoint":${content}}\n`,
    );
    for (const old of (await this.ids()).slice(0, -MAX_CHECKPOINTS))
      await rm(this.#path(old), { force: true });
    return checkpoint;
  }

  /** The oldest first. */
  async ids(): Promise<string[]> {
    const names = await readdir(this.#folder).catch(() => []);
    const known = new RegExp(CHECKPOINT_ID);
    return names
      .filter((name) => name.endsWith(".json"))
      .map((name) => name.slice(0, -".json".length))
      .filter((id) => known.test(id))
      .sort();
  }

  /** @throws {CheckpointError} there is none, or its file is not what was written */
  async read(id: string): Promise<{ readonly checkpoint: Checkpoint; readonly bytes: number }> {
    const text = await this.#text(id);
    const refuse = (problem: string, cause?: unknown) =>
      new CheckpointError(
        `${this.#path(id)} ${problem}: restore the file from a backup, or take another checkpoint`,
        { cause },
      );
    let file: { format?: unknown; sha256?: unknown; checkpoint?: Checkpoint };
    try {
      file = JSON.parse(text) as typeof file;
    } catch (cause) {
      throw refuse("is damaged (no JSON)", cause);
    }
    if (file.format !== FORMAT)
      throw refuse(`has format ${String(file.format)}, this version reads ${FORMAT}`);
    if (file.checkpoint?.id !== id || file.sha256 !== digest(JSON.stringify(file.checkpoint)))
      throw refuse("is damaged (its checksum is another)");
    if (file.checkpoint.daemon !== this.#daemon) throw refuse(`belongs to ${file.checkpoint.daemon}`);
    return { checkpoint: file.checkpoint, bytes: Buffer.byteLength(text) };
  }

  async #text(id: string): Promise<string> {
    const file = await open(this.#path(id), "r").catch((cause: unknown) => {
      throw new CheckpointError(`there is no checkpoint ${id} (${this.#path(id)}): see checkpoint:list`, {
        cause,
      });
    });
    try {
      const { size } = await file.stat();
      if (size > MAX_FILE_BYTES)
        throw new CheckpointError(`${this.#path(id)} is larger than ${MAX_FILE_BYTES} bytes`);
      return await file.readFile("utf8");
    } finally {
      await file.close();
    }
  }

  async list(): Promise<ListedCheckpoint[]> {
    const listed: ListedCheckpoint[] = [];
    for (const id of await this.ids()) {
      try {
        const { checkpoint, bytes } = await this.read(id);
        listed.push({ id, created_at: checkpoint.created_at, note: checkpoint.note, bytes });
      } catch (cause) {
        listed.push({ id, problem: cause instanceof Error ? cause.message : String(cause) });
      }
    }
    return listed;
  }

  #path(id: string): string {
    return join(this.#folder, `${id}.json`);
  }
}

function digest(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}
