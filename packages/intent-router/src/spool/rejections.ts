/**
 * Files that cannot be routed: moved with their content to `intents/rejected/`, with a report beside them and a dead letter.
 *
 * R1 The dead letter and the record of the rejection are one transaction: a file is dead-lettered once, also when the
 *    process is killed before the file is moved, or when it can never be moved (P6).
 * R2 Report, move and the end of the record follow in this order, and each may be repeated.
 */
import { writeFileAtomic, type StateReader, type Tx, type TxState } from "@kloros/bus";
import { IntentRejectedError } from "../errors.ts";
import { problemLine, type Problem } from "../problem.ts";
import { isSameFile, type FileIdentity } from "./file-identity.ts";
import { freeName, identityAt, moveAside, type Moved } from "./move-aside.ts";
import type { Fate } from "./plan-batch.ts";
import { shownName, type RawName } from "./raw-name.ts";
import type { SpoolFolders } from "./spool-folders.ts";

/** What stands in the state from the rejection until the file lies in its place. */
export interface RejectionRecord {
  readonly name: RawName;
  readonly target: RawName;
  readonly file: FileIdentity;
  readonly problems: readonly Problem[];
  /** RFC 3339, UTC. */
  readonly rejected_at: string;
}

/** Bytes that a rejected file's name leaves free for its report's, and for the temporary name under which that is written. */
const REPORT_ROOM_BYTES = 64;

/** Records read at a start; one batch is left behind by a crash, the rest are files that cannot be moved. */
const MAX_RECOVERED = 50_000;

export class Rejections {
  readonly #folders: SpoolFolders;
  readonly #state: StateReader;
  /** Names in the folder that are promised to files which are not there yet. */
  readonly #reserved = new Set<RawName>();
  /** Keys of records that are done with; they leave the state in the next transaction. */
  #done: string[] = [];

  constructor(folders: SpoolFolders, state: StateReader) {
    this.#folders = folders;
    this.#state = state;
  }

  /** The records for the batch: an existing one for a file that was rejected before (R1), else a new one with a free name. */
  async prepare(
    fates: readonly (Fate & { kind: "rejected" })[],
    nowMs: number,
  ): Promise<Map<Fate, RejectionRecord>> {
    const records = new Map<Fate, RejectionRecord>();
    for (const fate of fates) {
      const known = this.#state.get<RejectionRecord>(keyOf(fate.identity));
      const target =
        known?.target ??
        (await freeName(this.#folders.rejected, fate.name, REPORT_ROOM_BYTES, this.#reserved));
      this.#reserved.add(target);
      const { name, identity: file, problems } = fate;
      records.set(
        fate,
        known ?? { name, target, file, problems, rejected_at: new Date(nowMs).toISOString() },
      );
    }
    return records;
  }

  /** R1: to be called in the batch's transaction. */
  record(tx: Tx, fate: Fate & { kind: "rejected" }, record: RejectionRecord): void {
    const key = keyOf(fate.identity);
    if (tx.state.get(key) !== undefined) return;
    const file = `intents/${shownName(fate.name)}`;
    const signal = fate.content ?? {
      intent_file: file,
      kept_at: `intents/rejected/${shownName(record.target)}`,
    };
    const error = new IntentRejectedError(file, reasons(fate.problems));
    tx.deadLetter({ key: `${key}:${record.rejected_at}`, signal, error });
    tx.state.put(key, record);
  }

  /** R2. The record stays when the file could not be moved. @throws system errors */
  async finish(record: RejectionRecord, reported: () => void): Promise<Moved["kind"]> {
    const { intents, rejected } = this.#folders;
    await writeFileAtomic(reportPath(rejected, record), reportText(record));
    reported();
    const { kind } = await moveAside(intents, record.name, record.file, rejected, record.target);
    this.#reserved.delete(record.target);
    this.#done.push(keyOf(record.file));
    return kind;
  }

  /** Records that are done with, to be given to `forget` in a transaction and to `forgotten` after it. */
  get done(): readonly string[] {
    return [...this.#done];
  }

  forget(state: TxState, done: readonly string[]): void {
    for (const key of done) state.delete(key);
  }

  forgotten(done: readonly string[]): void {
    this.#done = this.#done.filter((key) => !done.includes(key));
  }

  /** After a start: finishes what a crash left between the transaction and the move. Says how many. */
  async recover(): Promise<number> {
    const records = this.#state.list<RejectionRecord>("rejecting:", MAX_RECOVERED);
    for (const { key, value: record } of records) {
      const moved = await identityAt(this.#folders.rejected, record.target);
      const source = await identityAt(this.#folders.intents, record.name);
      const unmoved = source !== undefined && isSameFile(source, record.file);
      this.#reserved.add(record.target);
      if (unmoved) continue; // the scan meets it, and finds its record
      this.#reserved.delete(record.target);
      if (moved !== undefined && isSameFile(moved, record.file)) await this.#reportAgain(record);
      this.#done.push(key);
    }
    return records.length;
  }

  async #reportAgain(record: RejectionRecord): Promise<void> {
    await writeFileAtomic(reportPath(this.#folders.rejected, record), reportText(record));
  }
}

/** Beside the file; bytes that are no text become "_", for a report's name is for people. */
function reportPath(folder: string, record: RejectionRecord): string {
  return `${folder}/${shownName(record.target).replaceAll("\uFFFD", "_")}.report.json`;
}

function keyOf(file: FileIdentity): string {
  return `rejecting:${file.dev}:${file.ino}:${file.mtimeNs}:${file.size}`;
}

function reasons(problems: readonly Problem[]): string[] {
  return problems.map(({ path, message }) => (path === "" ? message : `${path} ${message}`));
}

function reportText(record: RejectionRecord): string {
  const file = `intents/${shownName(record.name)}`;
  const report = {
    file,
    kept_at: `intents/rejected/${shownName(record.target)}`,
    rejected_at: record.rejected_at,
    problems: record.problems.map((problem) => ({ ...problem, text: problemLine(file, problem) })),
    size_bytes: Number(record.file.size),
    modified_at: new Date(Number(BigInt(record.file.mtimeNs) / 1_000_000n)).toISOString(),
  };
  return `${JSON.stringify(report, null, 2)}\n`;
}
