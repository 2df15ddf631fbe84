/** A journal read from outside its daemon, whether that runs or not: for tracing, auditing and listening back in time. */
import { join } from "node:path";
import { walkLines, type Block } from "../journal/block.ts";
import { findLine } from "../journal/find.ts";
import { Journal } from "../journal/journal.ts";
import type { Heads } from "../protocol/positions.ts";
import type { EmitterProgress } from "../protocol/resume.ts";
import type { Envelope } from "../signal/envelope.ts";

export interface SearchOptions {
  /** At most so many envelopes. Default 1,000. */
  readonly limit?: number;
  /** Nothing committed before this, in milliseconds since 1970. */
  readonly sinceMs?: number;
}

const DEFAULT_LIMIT = 1_000;

export class JournalView {
  readonly daemon: string;
  readonly #journal: Journal;

  /** @throws {JournalOpenError} */
  constructor(home: string, daemon: string) {
    this.daemon = daemon;
    this.#journal = new Journal(join(home, "journal", daemon), { readOnly: true, newEpoch: () => "" });
  }

  get heads(): Heads {
    return this.#journal.heads;
  }

  /** Seq of the oldest signal still held. */
  get firstSeq(): number {
    return this.#journal.firstSeq();
  }

  /** A value of the daemon's durable state, as JSON; undefined: it has none of this key. */
  state<T = unknown>(key: string): T | undefined {
    const json = this.#journal.stateGet(key);
    return json === undefined ? undefined : (JSON.parse(json) as T);
  }

  /** Sees what was committed since. */
  refresh(): void {
    this.#journal.refresh();
  }

  findById(id: string): Envelope | null {
    const line = findLine(this.#journal, id);
    return line === null ? null : (JSON.parse(line) as Envelope);
  }

  /** Envelopes whose line contains `text`, oldest first; the newest ones when there are more than `limit`. */
  searchText(text: string, options: SearchOptions = {}): Envelope[] {
    const needle = Buffer.from(text);
    const limit = options.limit ?? DEFAULT_LIMIT;
    const found: Envelope[] = [];
    for (const reading of this.#journal.blocksBackwards()) {
      if (reading.kind === "corrupt") continue;
      if (options.sinceMs !== undefined && reading.block.header.at < options.sinceMs) break;
      if (reading.block.lines.includes(needle)) found.unshift(...matching(reading.block, needle));
      if (found.length >= limit) break;
    }
    return found.slice(-limit);
  }

  /** The whole story that a signal id stands at the root of, as far as this daemon told it. */
  findByCorrelation(id: string, options: SearchOptions = {}): Envelope[] {
    return this.searchText(`"correlation_id":"${id}"`, options).filter(
      (envelope) => envelope.correlation_id === id,
    );
  }

  /** The newest `count` envelopes, oldest first. */
  tail(count: number): Envelope[] {
    const found: Envelope[] = [];
    for (const reading of this.#journal.blocksBackwards()) {
      if (found.length >= count) break;
      if (reading.kind === "block") found.unshift(...matching(reading.block, null));
    }
    return found.slice(-count);
  }

  /** Everything committed since, in order, without holding it all in memory. */
  *since(sinceMs: number): Generator<Envelope> {
    for (const reading of this.#journal.blocksFrom(this.#firstSince(sinceMs))) {
      if (reading.kind === "block")
        yield* matching(reading.block, null).filter((envelope) => Date.parse(envelope.timestamp) >= sinceMs);
    }
  }

  #firstSince(sinceMs: number): number {
    let first = this.#journal.heads.last + 1;
    for (const reading of this.#journal.blocksBackwards()) {
      if (reading.kind === "block" && reading.block.header.at < sinceMs) break;
      first = reading.kind === "block" ? reading.block.first : reading.first;
    }
    return first;
  }

  /** How far this daemon, as a consumer, has come with each emitter. */
  progress(): Map<string, EmitterProgress> {
    return new Map(
      [...this.#journal.entries("progress")].map(([emitter, json]) => [
        emitter,
        JSON.parse(json) as EmitterProgress,
      ]),
    );
  }

  /** Signals of `name` above `cursor` and not among `done` that the journal holds; and how many lie in damaged blocks. */
  countAbove(name: string, cursor: number, done: ReadonlySet<number>): { pending: number; damaged: number } {
    let pending = 0;
    let damaged = 0;
    for (const reading of this.#journal.blocksFrom(cursor + 1)) {
      if (reading.kind === "corrupt") damaged += reading.names?.[name]?.count ?? 0;
      else pending += pendingIn(reading.block, name, cursor, done);
    }
    return { pending, damaged };
  }

  async close(): Promise<void> {
    await this.#journal.close();
  }
}

function matching(block: Block, needle: Buffer | null): Envelope[] {
  const found: Envelope[] = [];
  walkLines(block, (_seq, start, end) => {
    const line = block.lines.subarray(start, end);
    if (needle === null || line.includes(needle)) found.push(JSON.parse(line.toString("utf8")) as Envelope);
    return true;
  });
  return found;
}

function pendingIn(block: Block, name: string, cursor: number, done: ReadonlySet<number>): number {
  const span = block.header.names[name];
  if (span === undefined || span.last <= cursor) return 0;
  if (span.first > cursor && done.size === 0) return span.count;
  const prefix = `{"signal":"${name}"`;
  let count = 0;
  walkLines(block, (seq, start) => {
    const matches = block.lines.toString("latin1", start, start + prefix.length) === prefix;
    if (matches && seq > cursor && !done.has(seq)) count++;
    return true;
  });
  return count;
}
