/**
 * Where in one file of investigations each record begins. Reads only what was appended since the last time; lines
 * that are no JSON are skipped and counted.
 */
import { stat } from "node:fs/promises";
import { readJsonLines } from "@kloros/bus";

/** Ids kept per file, about 100 bytes each. Older records are found by reading the file through. */
const MAX_INDEXED_RECORDS = 100_000;

export interface LogPosition {
  readonly dev: number;
  readonly ino: number;
}

export class LogIndex {
  readonly identity: LogPosition;
  /** Where the file is now; a rotation renames it. */
  path: string;
  readonly #offsets = new Map<string, number>();
  #readUpTo = 0;
  /** Ids were dropped to keep within the limit. */
  isPartial = false;
  skippedLines = 0;

  constructor(path: string, identity: LogPosition) {
    this.path = path;
    this.identity = identity;
  }

  /** True when the file was cut short: what was indexed is not what it holds. */
  async isOutdated(): Promise<boolean> {
    return (await stat(this.path)).size < this.#readUpTo;
  }

  /** Indexes what was appended. */
  async refresh(): Promise<void> {
    let torn = 0;
    const lines = readJsonLines(this.path, {
      from: this.#readUpTo,
      onSkip: ({ offset, bytes, reason }) => {
        if (reason === "torn") torn++;
        else this.skippedLines++;
        if (reason !== "torn") this.#readUpTo = offset + bytes;
      },
    });
    for await (const { value, offset, end } of lines) {
      const id = idOf(value);
      if (id !== null) this.#offsets.set(id, offset);
      else this.skippedLines++;
      if (torn === 0) this.#readUpTo = end;
      this.#drop();
    }
  }

  /** The line of a record, parsed again; undefined when it is not indexed. */
  async read(investigationId: string): Promise<unknown> {
    const offset = this.#offsets.get(investigationId);
    if (offset === undefined) return undefined;
    for await (const { value } of readJsonLines(this.path, { from: offset })) {
      return idOf(value) === investigationId ? value : undefined;
    }
    return undefined;
  }

  #drop(): void {
    if (this.#offsets.size <= MAX_INDEXED_RECORDS) return;
    const [oldest] = this.#offsets.keys();
    if (oldest !== undefined) this.#offsets.delete(oldest);
    this.isPartial = true;
  }
}

/** The id of a record; null for a line that has none. */
export function idOf(line: unknown): string | null {
  if (typeof line !== "object" || line === null || !("investigation_id" in line)) return null;
  return typeof line.investigation_id === "string" ? line.investigation_id : null;
}
