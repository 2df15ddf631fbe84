/**
 * Finds investigation records by id in `curiosity_investigations.jsonl` and in the newest file it was rotated to
 * (`curiosity_investigations.<timestamp>.jsonl`).
 *
 * I1 A record that is on disk when `find` is called is found: an id that is not indexed makes the file be read on.
 * I2 A rotation is recognised by the file's identity: what was indexed moves along with it.
 * P5 Only offsets are kept; a record is read when it is asked for.
 */
import { readdir, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { errorIfNotMissing } from "../missing-file.ts";
import { readJsonLines } from "@kloros/bus";
import { idOf, LogIndex } from "./log-index.ts";

const ROTATED = /^curiosity_investigations\.[0-9A-Za-z_.:-]+\.jsonl$/;

export class InvestigationLog {
  readonly #path: string;
  #indexes: LogIndex[] = [];
  #refreshing: Promise<void> | undefined;

  /** @param path `curiosity_investigations.jsonl`; need not exist yet */
  constructor(path: string) {
    this.#path = path;
  }

  /** Lines that are no records, in the files that are read at present. */
  get skippedLines(): number {
    return this.#indexes.reduce((sum, { skippedLines }) => sum + skippedLines, 0);
  }

  /** The record as it stands in the file, or undefined. */
  async find(investigationId: string): Promise<unknown> {
    const known = await this.#lookUp(investigationId);
    if (known !== undefined) return known;
    await this.#refreshing; // May have passed the record's place before it was written: look, then read on (I1).
    await this.#refresh();
    const appended = await this.#lookUp(investigationId);
    if (appended !== undefined || !this.#indexes.some(({ isPartial }) => isPartial)) return appended;
    return this.#readThrough((line) => idOf(line) === investigationId);
  }

  /** The newest record of a question, for completions that name no record. Reads the files through. */
  async findByQuestion(questionId: string): Promise<unknown> {
    await this.#refresh();
    return this.#readThrough((line) => questionOf(line) === questionId);
  }

  async #lookUp(investigationId: string): Promise<unknown> {
    for (const index of this.#indexes) {
      const found = await index.read(investigationId);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async #refresh(): Promise<void> {
    this.#refreshing ??= this.#readOn().finally(() => {
      this.#refreshing = undefined;
    });
    return this.#refreshing;
  }

  async #readOn(): Promise<void> {
    const indexes: LogIndex[] = [];
    for (const path of [this.#path, await this.#newestRotated()]) {
      const index = path === null ? null : await this.#indexOf(path);
      if (index) indexes.push(index);
    }
    for (const index of indexes) await index.refresh();
    this.#indexes = indexes;
  }

  /** I2 */
  async #indexOf(path: string): Promise<LogIndex | null> {
    const found = await stat(path).catch(errorIfNotMissing);
    if (!found) return null;
    const same = this.#indexes.find(
      ({ identity }) => identity.ino === found.ino && identity.dev === found.dev,
    );
    if (!same) return new LogIndex(path, { dev: found.dev, ino: found.ino });
    same.path = path;
    return (await same.isOutdated()) ? new LogIndex(path, same.identity) : same;
  }

  async #newestRotated(): Promise<string | null> {
    const names = (await readdir(dirname(this.#path)).catch(errorIfNotMissing)) ?? [];
    const newest = names
      .filter((name) => ROTATED.test(name))
      .sort()
      .at(-1);
    return newest === undefined ? null : join(dirname(this.#path), newest);
  }

  /** The last line that matches: in the current file, else in the rotated one. */
  async #readThrough(matches: (line: unknown) => boolean): Promise<unknown> {
    for (const { path } of this.#indexes) {
      let last: unknown;
      for await (const { value } of readJsonLines(path)) if (matches(value)) last = value;
      if (last !== undefined) return last;
    }
    return undefined;
  }
}

function questionOf(line: unknown): unknown {
  return typeof line === "object" && line !== null && "question_id" in line ? line.question_id : undefined;
}
