/**
 * Finds records by id in `curiosity_investigations.jsonl` and in the files it was rotated to. Completions come in the order
 * of their records, so the search begins where the last record was found, then takes the whole file, then older ones.
 */
import { readdir } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { readJsonLines } from "@kloros/bus";

/** Rotated files looked through for one record, newest first. */
const MAX_ROTATED = 4;

export class RecordFinder {
  readonly #path: string;
  #from = 0;

  constructor(path: string) {
    this.#path = path;
  }

  /** The record, or undefined when no file has it. */
  async find(investigationId: string): Promise<unknown> {
    const ahead = await this.#read(this.#path, this.#from, investigationId);
    if (ahead !== undefined) return ahead;
    const whole = this.#from === 0 ? undefined : await this.#read(this.#path, 0, investigationId);
    if (whole !== undefined) return whole;
    for (const path of await this.#rotated()) {
      const found = await this.#read(path, 0, investigationId);
      if (found !== undefined) return found;
    }
    return undefined;
  }

  async #read(path: string, from: number, investigationId: string): Promise<unknown> {
    for await (const { value, offset } of readJsonLines<{ investigation_id?: unknown } | null>(path, {
      from,
    })) {
      if (value?.investigation_id !== investigationId) continue;
      if (path === this.#path) this.#from = offset;
      return value;
    }
    return undefined;
  }

  async #rotated(): Promise<string[]> {
    const folder = dirname(this.#path);
    const stem = `${basename(this.#path, ".jsonl")}.`;
    const names = await readdir(folder).catch(() => []);
    return names
      .filter((name) => name.startsWith(stem) && name.endsWith(".jsonl") && name !== basename(this.#path))
      .sort()
      .reverse()
      .slice(0, MAX_ROTATED)
      .map((name) => join(folder, name));
  }
}
