/**
 * How many dead letters each daemon has. The file only grows until somebody archives it, and it is looked at with every
 * scrape: so what was counted stays counted, and only what was appended is read.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { readJsonLines } from "@kloros/bus";

const FILE = "failed_signals.jsonl";

export class DeadLetterCount {
  readonly #path: string;
  readonly #counts = new Map<string, number>();
  #inode = 0;
  #readBytes = 0;
  #running: Promise<ReadonlyMap<string, number>> | null = null;

  constructor(home: string) {
    this.#path = join(home, FILE);
  }

  /**
   * By daemon. Several who ask at once share one reading.
   * @throws {FileError} the file cannot be read
   */
  async read(): Promise<ReadonlyMap<string, number>> {
    this.#running ??= this.#catchUp().finally(() => {
      this.#running = null;
    });
    return this.#running;
  }

  async #catchUp(): Promise<ReadonlyMap<string, number>> {
    const file = await stat(this.#path).catch(() => null);
    const size = file?.size ?? 0;
    if (file?.ino !== this.#inode || size < this.#readBytes) {
      this.#inode = file?.ino ?? 0;
      this.#readBytes = 0;
      this.#counts.clear();
    }
    if (size > this.#readBytes) {
      for await (const { value, end } of readJsonLines(this.#path, { from: this.#readBytes })) {
        this.#readBytes = end;
        const daemon = daemonOf(value);
        if (daemon !== null) this.#counts.set(daemon, (this.#counts.get(daemon) ?? 0) + 1);
      }
    }
    return new Map(this.#counts);
  }
}

/** Null for what is no dead letter. */
function daemonOf(value: unknown): string | null {
  const letter = value as { daemon?: unknown; error?: unknown } | null;
  return typeof letter?.daemon === "string" && typeof letter.error === "string" ? letter.daemon : null;
}
