/**
 * Keeps openings and closings of an LMDB environment apart from its commits, across processes.
 *
 * Why: whoever opens an environment writes into the lock file that all its users share which transaction is the newest,
 * as it has read it a moment before (`mdb_env_open2` in the LMDB that lmdb 3 is built from). A commit in that moment is
 * forgotten: the next one builds on the state before it and takes its place. With `chem-bus audit` in a loop beside a
 * busy daemon, one commit in some hundred was lost, silently, after it had been acknowledged. And who closes
 * an environment last takes its mutexes apart, under the hands of somebody who is just opening it.
 *
 * Leaves out: a program that opens a journal by itself, without this class, is not kept apart.
 */
import { resolve } from "node:path";
import { FileError } from "../files/errors.ts";
import { GateLock } from "../files/gate-lock.ts";

/** Longest wait of an opening for the commit in flight, in milliseconds: a slow disk takes seconds for one. */
const OPENING_MS = 15_000;
/** Longest wait of a commit or a closing for an opening, in milliseconds. An opening takes one or two, unless its process is stopped. */
const OPENER_MS = 30_000;

/** Environments that this process has open: lmdb then opens no second one, and who waits for the other would wait for itself. */
const openHere = new Map<string, number>();

export class EnvironmentGate {
  readonly #path: string;
  /** Null where no lock file can be made: on a disk that cannot be written there is no commit to be kept apart from. */
  readonly #lock: GateLock | null;
  #closed = false;

  /** @throws {FileError} the lock file cannot be created */
  constructor(path: string, readOnly: boolean) {
    this.#path = resolve(path);
    this.#lock = lockOf(this.#path, readOnly);
    openHere.set(this.#path, (openHere.get(this.#path) ?? 0) + 1);
  }

  /** Runs what may change the lock file's view of the newest transaction, while no commit is in flight. @throws {FileError} */
  opening<T>(open: () => T): T {
    const isShared = (openHere.get(this.#path) ?? 0) > 1;
    return this.#lock === null || isShared ? open() : this.#lock.alone(OPENING_MS, open);
  }

  /** Runs one commit while nobody opens. @throws {FileError} somebody has been opening for too long */
  async committing(commit: () => Promise<unknown>): Promise<void> {
    await this.#lock?.enter(OPENER_MS);
    try {
      await commit();
    } finally {
      this.#lock?.leave();
    }
  }

  /** Runs the closing while nobody opens, and ends the gate's use. */
  async closing(close: () => Promise<unknown>): Promise<void> {
    await (this.#closed ? close() : this.committing(close));
    this.close();
  }

  /** Ends the gate's use where nothing was opened. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    const left = (openHere.get(this.#path) ?? 1) - 1;
    if (left === 0) openHere.delete(this.#path);
    else openHere.set(this.#path, left);
    this.#lock?.close();
  }
}

function lockOf(path: string, readOnly: boolean): GateLock | null {
  try {
    return new GateLock(`${path}/open.lock`);
  } catch (cause) {
    if (readOnly && cause instanceof FileError && ["EROFS", "EACCES", "ENOENT"].includes(cause.errno))
      return null;
    throw cause;
  }
}
