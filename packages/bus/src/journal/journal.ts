/**
 * The journal of one daemon: what it emitted, how far it has handled others, its state, all in one LMDB environment so
 * that one transaction can move them together (P3). Commits run off the event loop and resolve when synced (P1, P2).
 *
 * Leaves out: deciding what to commit (node/committer.ts), retention rules (prune.ts), the wire.
 *
 * J1  One commit is in flight at a time; a later commit is never durable without the earlier ones.
 * J2  A failed commit leaves the previous state whole and readable.
 * J3  Nobody opens or closes this journal, in whatever process, while it commits: see `environment-gate.ts`.
 */
import type { Database, RootDatabase } from "lmdb";
import { mkdirSync } from "node:fs";
import { basename } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { openEnvironment } from "./environment.ts";
import { EnvironmentGate } from "./environment-gate.ts";
import { decodeBlock, decodeHeader, encodeBlock, type BlockHeader, type BlockReading } from "./block.ts";
import { JournalOpenError } from "./errors.ts";
import { fileProblem } from "./lmdb-file.ts";
import { emptyHeads, withNewEpoch, type Heads } from "../protocol/positions.ts";
import { writeFailure } from "./write-failure.ts";

/** On-disk format; a journal of another format is refused, not guessed at. */
export const JOURNAL_FORMAT = 1;
/** Longest wait for lmdb to close, in milliseconds; it has nothing left to write then. */
const CLOSE_DEADLINE_MS = 1_000;
/** Longest state key, in bytes (LMDB allows 1,978 with its default page). */
export const MAX_STATE_KEY_BYTES = 1_000;

/** The folder has the daemon's name. */
const damageRemedy = (path: string): string =>
  `restore this folder from a backup, or salvage its signals (chem-bus salvage ${basename(path)}) and move it away: the daemon then begins a new journal`;

export interface AppendBlock {
  readonly first: number;
  readonly lines: Buffer;
  readonly header: Omit<BlockHeader, "crc">;
  /** First id of the block that this daemon generated itself; generated ids ascend, so one per block finds them all. */
  readonly firstGeneratedId: string | null;
  /** Ids that callers supplied, with their seq. */
  readonly suppliedIds: readonly (readonly [id: string, seq: number])[];
}

export interface CommitBatch {
  readonly block: AppendBlock | null;
  readonly heads: Heads | null;
  /** JSON text, or undefined to delete. */
  readonly state: ReadonlyMap<string, string | undefined>;
  readonly progress: ReadonlyMap<string, string>;
  readonly consumers: ReadonlyMap<string, string>;
  readonly outbox: ReadonlyMap<string, string | undefined>;
}

export interface PruneBatch {
  readonly blocks: readonly number[];
  readonly ids: readonly string[];
  readonly generatedIds: readonly string[];
  readonly heads: Heads;
}

export class Journal {
  readonly path: string;
  readonly #gate: EnvironmentGate;
  readonly #env: RootDatabase<Buffer, string>;
  readonly #blocks: Database<Buffer, number>;
  readonly #meta: Database<string, string>;
  readonly #ids: Database<string, string>;
  readonly #generated: Database<string, string>;
  readonly #state: Database<string, string>;
  readonly #progress: Database<string, string>;
  readonly #consumers: Database<string, string>;
  readonly #outbox: Database<string, string>;
  #heads: Heads;
  #writeBegunMs = 0;

  /** @throws {JournalOpenError} */
  constructor(path: string, options: { readOnly?: boolean; newEpoch: () => string }) {
    this.path = path;
    let gate: EnvironmentGate | undefined;
    try {
      if (options.readOnly !== true) mkdirSync(path, { recursive: true, mode: 0o700 });
      const problem = fileProblem(path);
      if (problem !== null) throw new JournalOpenError(path, `${problem}; ${damageRemedy(path)}`);
      this.#gate = gate = new EnvironmentGate(path, options.readOnly === true);
      const opened = gate.opening(() => openEnvironment(path, options.readOnly === true));
      [this.#env, this.#blocks] = [opened.env, opened.blocks];
      [this.#meta, this.#ids, this.#generated] = [opened.meta, opened.ids, opened.generated];
      [this.#state, this.#progress] = [opened.state, opened.progress];
      [this.#consumers, this.#outbox] = [opened.consumers, opened.outbox];
      this.#heads = gate.opening(() => this.#readHeads(options));
    } catch (cause) {
      gate?.close();
      throw openError(path, cause);
    }
  }

  /** Durable heads. */
  get heads(): Heads {
    return this.#heads;
  }

  /** Age of the write in flight, in milliseconds; 0 when none is. */
  get writingMs(): number {
    return this.#writeBegunMs === 0 ? 0 : performance.now() - this.#writeBegunMs;
  }

  /** Reads from the file, past every cache. @throws what keeps it from being read */
  check(): void {
    this.#env.resetReadTxn();
    if (this.#meta.get("heads") === undefined) throw new Error("the journal has lost its heads");
  }

  #readHeads(options: { readOnly?: boolean; newEpoch: () => string }): Heads {
    const format = this.#meta.get("format");
    if (format !== undefined && Number(format) !== JOURNAL_FORMAT) {
      throw new JournalOpenError(
        this.path,
        `journal format ${format}, this version reads ${String(JOURNAL_FORMAT)}; upgrade the daemon`,
      );
    }
    const stored = this.#meta.get("heads");
    const before = stored === undefined ? null : this.#withEpochs(stored);
    if (options.readOnly === true) return before ?? emptyHeads("");
    const heads = before === null ? emptyHeads(options.newEpoch()) : withNewEpoch(before, options.newEpoch());
    this.#env.transactionSync(() => {
      this.#meta.putSync("format", String(JOURNAL_FORMAT));
      this.#meta.putSync("heads", headsJson(heads));
      this.#meta.putSync("epochs", JSON.stringify(heads.epochs));
    });
    return heads;
  }

  /**
   * Makes one batch durable, all of it or nothing. Not to be called while another commit is in flight (J1).
   * @throws {DiskFullError} nothing was written (J2)
   * @throws {JournalWriteError} the state of the disk is unknown: the caller must stop
   */
  async commit(batch: CommitBatch): Promise<void> {
    await this.#write((writes) => {
      if (batch.block !== null) this.#putBlock(batch.block, writes);
      if (batch.heads !== null) writes.push(this.#meta.put("heads", headsJson(batch.heads)));
      putAll(this.#state, batch.state, writes);
      putAll(this.#progress, batch.progress, writes);
      putAll(this.#consumers, batch.consumers, writes);
      putAll(this.#outbox, batch.outbox, writes);
    });
    if (batch.heads !== null) this.#heads = batch.heads;
  }

  /** Epochs change only when a journal is opened, so they are kept apart from what every commit writes. */
  #withEpochs(heads: string): Heads {
    const epochs = JSON.parse(this.#meta.get("epochs") ?? "[]") as Heads["epochs"];
    return { ...(JSON.parse(heads) as Heads), epochs };
  }

  /** Removes whole blocks and their index entries; same guarantees as `commit`. */
  async prune(batch: PruneBatch): Promise<void> {
    await this.#write((writes) => {
      for (const first of batch.blocks) writes.push(this.#blocks.remove(first));
      for (const id of batch.ids) writes.push(this.#ids.remove(id));
      for (const id of batch.generatedIds) writes.push(this.#generated.remove(id));
      writes.push(this.#meta.put("heads", headsJson(batch.heads)));
    });
    this.#heads = batch.heads;
  }

  #putBlock(block: AppendBlock, writes: Promise<unknown>[]): void {
    writes.push(this.#blocks.put(block.first, encodeBlock(block.lines, block.header)));
    if (block.firstGeneratedId !== null)
      writes.push(this.#generated.put(block.firstGeneratedId, String(block.first)));
    for (const [id, seq] of block.suppliedIds) writes.push(this.#ids.put(id, String(seq)));
  }

  async #write(fill: (writes: Promise<unknown>[]) => unknown): Promise<void> {
    const writes: Promise<unknown>[] = [];
    this.#writeBegunMs = performance.now();
    try {
      await this.#gate.committing(() => {
        const batch = this.#env.batch(() => {
          fill(writes);
        });
        // LMDB rejects each put of a failed batch by itself; only the batch's own rejection is of interest.
        for (const write of writes) write.catch(() => undefined);
        return batch;
      });
    } catch (error) {
      throw await writeFailure(this.path, error);
    } finally {
      this.#writeBegunMs = 0;
    }
    this.#env.resetReadTxn();
  }

  stateGet(key: string): string | undefined {
    return this.#state.get(key);
  }

  *stateList(prefix: string): Generator<{ key: string; value: string }> {
    for (const { key, value } of this.#state.getRange({ start: prefix })) {
      if (!key.startsWith(prefix)) return;
      yield { key, value };
    }
  }

  /** All entries of a small table, oldest key first. */
  entries(table: "progress" | "consumers" | "outbox"): Map<string, string> {
    const db = { progress: this.#progress, consumers: this.#consumers, outbox: this.#outbox }[table];
    return new Map([...db.getRange()].map(({ key, value }) => [key, value]));
  }

  /** Blocks from the one that holds `seq` on, in order. Corrupt ones are reported in their place. */
  *blocksFrom(seq: number): Generator<BlockReading> {
    const [at] = [...this.#blocks.getKeys({ start: seq, reverse: true, limit: 1 })];
    for (const { key, value } of this.#blocks.getRange({ start: at ?? seq })) {
      const reading = decodeBlock(key, value);
      if (reading.kind === "corrupt" || reading.block.last >= seq) yield reading;
    }
  }

  /** Blocks from the newest to the oldest. */
  *blocksBackwards(): Generator<BlockReading> {
    for (const { key, value } of this.#blocks.getRange({ reverse: true })) yield decodeBlock(key, value);
  }

  /** Headers from the oldest block on, for pruning. */
  *headers(): Generator<{ first: number; header: BlockHeader | null; bytes: number }> {
    for (const { key, value } of this.#blocks.getRange()) {
      yield { first: key, header: decodeHeader(value), bytes: value.length };
    }
  }

  /** Seq of the oldest signal still held; `last + 1` when none is. */
  firstSeq(): number {
    const [first] = [...this.#blocks.getKeys({ limit: 1 })];
    return first ?? this.#heads.last + 1;
  }

  /** Where a signal id may be: the seq for a supplied id, the first seq of the one block that can hold a generated id. */
  locateId(id: string): { seq: number } | { block: number } | null {
    const supplied = this.#ids.get(id);
    if (supplied !== undefined) return { seq: Number(supplied) };
    const [entry] = [...this.#generated.getRange({ start: id, reverse: true, limit: 1 })];
    return entry === undefined ? null : { block: Number(entry.value) };
  }

  /** Keys under which generated ids of a block are indexed. */
  generatedIdsUpTo(blockFirst: number): string[] {
    const ids: string[] = [];
    for (const { key, value } of this.#generated.getRange()) {
      if (Number(value) > blockFirst) break;
      ids.push(key);
    }
    return ids;
  }

  /** Forgets cached snapshots, so that the next read sees other processes' commits. */
  refresh(): void {
    this.#env.resetReadTxn();
    const stored = this.#meta.get("heads");
    if (stored !== undefined) this.#heads = this.#withEpochs(stored);
  }

  /** Bytes of live data: pages in use, not the size of the file, which never shrinks. */
  usedBytes(): number {
    const stats = this.#blocks.getStats() as Record<string, number>;
    const pages =
      (stats["treeBranchPageCount"] ?? 0) + (stats["treeLeafPageCount"] ?? 0) + (stats["overflowPages"] ?? 0);
    return pages * (stats["pageSize"] ?? 4096);
  }

  async close(): Promise<void> {
    // After a failed commit lmdb waits for a flush that never comes; all that was acknowledged is on disk already.
    await this.#gate.closing(() =>
      Promise.race([this.#env.close(), sleep(CLOSE_DEADLINE_MS, undefined, { ref: false })]),
    );
  }
}

function headsJson({ last, lastIdMs, names }: Heads): string {
  return JSON.stringify({ last, lastIdMs, names });
}

function putAll(
  db: Database<string, string>,
  entries: ReadonlyMap<string, string | undefined>,
  writes: Promise<unknown>[],
): void {
  for (const [key, value] of entries) writes.push(value === undefined ? db.remove(key) : db.put(key, value));
}

function openError(path: string, cause: unknown): JournalOpenError {
  if (cause instanceof JournalOpenError) return cause;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new JournalOpenError(
    path,
    `the journal cannot be opened (${message}); check that the directory is on a local, writable disk`,
    { cause },
  );
}
