/**
 * Brings decisions from the outbox in durable state to `policy_decisions.jsonl`.
 *
 * I1 A line leaves the outbox only when it is on disk; after a crash between the two, what the file's end holds is not
 *    written again (P3).
 * I2 The file is bounded: a full one is renamed, and the oldest goes (P5).
 * I3 A full disk is waited for; nothing is dropped.
 */
import { rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { DurableAppender, lockFileInPlace, type Node, readJsonLines, syncDirectory } from "@kloros/bus";
import type { Logger } from "@kloros/daemon";
import { type DecidedSignal, type Decision, DECISION_SCHEMA, type Repetition } from "./decision.ts";
import { OUTBOX_PREFIX } from "./recorder.ts";

export interface DecisionLogOptions {
  readonly path: string;
  readonly node: Node;
  readonly log: Logger;
  /** Bytes of one file. */
  readonly maxBytes: number;
  /** Files kept besides the current one. */
  readonly keep: number;
}

interface Line {
  readonly id: string;
}

/** Entries that a crash can leave in the outbox: all that was decided since the disk last took a line. */
const MAX_LEFT = 1_000_000;
/** Lines of one batch. */
const BATCH = 100;
/** How far back the file's end is looked through after a crash: more than the largest batch, in bytes. */
const TAIL_BYTES = 32 * 1024 * 1024;
const FIRST_RETRY_MS = 500;
const MAX_RETRY_MS = 30_000;
const LOCK_DEADLINE_MS = 5_000;

export class DecisionLog {
  readonly #options: DecisionLogOptions;
  readonly #appender: DurableAppender;
  /** Keys of outbox entries that are durable, oldest first. */
  readonly #waiting: string[];
  #running: Promise<void> | null = null;
  #retry: NodeJS.Timeout | undefined;
  #retryMs = FIRST_RETRY_MS;
  #isStopped = false;
  /** Entries found at the start, some of which a crash may have left behind although their line is on disk. */
  #left: ReadonlySet<string>;
  /** Lines written since the start. */
  lines = 0;

  constructor(options: DecisionLogOptions) {
    this.#options = options;
    this.#appender = new DurableAppender(options.path);
    this.#waiting = options.node.state.list(OUTBOX_PREFIX, MAX_LEFT).map(({ key }) => key);
    this.#left = new Set(this.#waiting);
  }

  /** These entries of the outbox are durable. */
  take(keys: readonly string[]): void {
    this.#waiting.push(...keys);
    for (const key of keys) this.#say(key);
    this.poke();
  }

  /** Begins to write what waits. */
  poke(): void {
    if (this.#isStopped) return;
    this.#running ??= this.#run().finally(() => {
      this.#running = null;
      if (this.#waiting.length > 0 && this.#retry === undefined) this.poke();
    });
  }

  /** Resolves when all that waited is on disk, or cannot be written now. */
  async settled(): Promise<void> {
    this.poke();
    await this.#running;
  }

  async stop(): Promise<void> {
    await this.settled();
    this.#isStopped = true;
    clearTimeout(this.#retry);
    await this.#appender.close();
  }

  /** In the daemon's log each decision is one line, beside the signals it is about. */
  #say(key: string): void {
    const line = this.#options.node.state.get<Decision | Repetition>(key);
    if (line?.schema !== DECISION_SCHEMA) return;
    const { rule, outcome, reason, signal } = line;
    this.#options.log.info({ event: "decision", rule, outcome, reason, ...named(signal) }, "Decided");
  }

  async #run(): Promise<void> {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    try {
      if (this.#left.size > 0) await this.#dropWritten(); // I1
      while (this.#waiting.length > 0) await this.#batch();
      this.#retryMs = FIRST_RETRY_MS;
    } catch (err) {
      this.#options.log.warn(
        { err, retry_ms: this.#retryMs },
        "Decisions cannot be written now; they are kept",
      );
      if (!this.#isStopped) this.#retry = setTimeout(() => this.poke(), this.#retryMs); // I3
      this.#retryMs = Math.min(2 * this.#retryMs, MAX_RETRY_MS);
    }
  }

  async #batch(): Promise<void> {
    const { node, maxBytes } = this.#options;
    const keys = this.#waiting.slice(0, BATCH);
    const lines = keys.flatMap((key) => node.state.get<Line>(key) ?? []);
    const appended = await Promise.all(lines.map((line) => this.#appender.append(JSON.stringify(line))));
    this.lines += lines.length;
    this.#waiting.splice(0, keys.length);
    await this.#forget(keys);
    const last = appended.at(-1);
    if (last !== undefined && last.offset + last.bytes >= maxBytes) await this.#rotate();
  }

  async #forget(keys: readonly string[]): Promise<void> {
    await this.#options.node.transact((tx) => {
      for (const key of keys) tx.state.delete(key);
    });
  }

  async #dropWritten(): Promise<void> {
    const { node } = this.#options;
    const written = await this.#idsAtTheEnd();
    const done = [...this.#left].filter((key) => written.has(node.state.get<Line>(key)?.id ?? ""));
    this.#waiting.splice(0, this.#waiting.length, ...this.#waiting.filter((key) => !done.includes(key)));
    await this.#forget(done);
    this.#left = new Set();
  }

  async #rotate(): Promise<void> {
    const { path, keep } = this.#options;
    const held = await lockFileInPlace(path, { deadlineMs: LOCK_DEADLINE_MS });
    try {
      await rm(rotatedName(path, keep), { force: true }); // I2
      for (let number = keep - 1; number >= 1; number--)
        await rename(rotatedName(path, number), rotatedName(path, number + 1)).catch(ignoreMissing);
      if (keep > 0) await rename(path, rotatedName(path, 1));
      else await rm(path);
      await syncDirectory(dirname(path));
    } finally {
      await held.release();
    }
  }

  /** Ids of the lines that a crash may have left in the outbox although they are on disk. */
  async #idsAtTheEnd(): Promise<ReadonlySet<string>> {
    const { path } = this.#options;
    const ids = new Set<string>();
    for (const file of [rotatedName(path, 1), path]) {
      const size = await stat(file).then(
        (found) => found.size,
        () => 0,
      );
      const from = Math.max(0, size - TAIL_BYTES);
      for await (const { value } of readJsonLines<Partial<Line>>(file, { from }))
        if (typeof value.id === "string") ids.add(value.id);
    }
    return ids;
  }
}

function named({ signal, id, source, correlation_id, causation_id }: DecidedSignal) {
  return { signal, id, source, correlation_id, causation_id };
}

/** `policy_decisions.jsonl` → `policy_decisions.1.jsonl`; 1 is the newest. */
function rotatedName(path: string, number: number): string {
  return path.replace(/\.jsonl$/u, `.${number}.jsonl`);
}

function ignoreMissing(cause: NodeJS.ErrnoException): void {
  if (cause.code !== "ENOENT") throw cause;
}
