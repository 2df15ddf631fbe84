/**
 * How many dead letters were written lately. Follows `failed_signals.jsonl` as it grows, and reads it anew when it was
 * replaced. Letters about alerts do not count: a monitor must not alarm about its own alarms.
 */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { type DeadLetter, readJsonLines } from "@kloros/bus";

const FILE = "failed_signals.jsonl";
const ALERT = "Q_HEALTH_ALERT";
/** Times held; of more, the newest: it is far beyond every threshold then (P5). */
const MAX_TIMES = 100_000;

export class LetterCount {
  readonly #path: string;
  readonly #windowMs: number;
  #times: number[] = [];
  #file: { readonly ino: number; readonly size: number } | null = null;
  #readTo = 0;

  constructor(home: string, windowMs: number) {
    this.#path = join(home, FILE);
    this.#windowMs = windowMs;
  }

  /** Letters of the window that ends at `nowMs` (milliseconds since 1970). @throws {FileError} */
  async count(nowMs: number): Promise<number> {
    const file = await stat(this.#path).catch(() => null);
    if (file === null) {
      this.#times = [];
      this.#file = null;
    } else await this.#follow({ ino: file.ino, size: file.size });
    // Letters of a future that a set clock has left behind count as well.
    this.#times = this.#times.filter((time) => nowMs - time < this.#windowMs);
    return this.#times.length;
  }

  async #follow(file: { readonly ino: number; readonly size: number }): Promise<void> {
    const isSame = this.#file?.ino === file.ino && file.size >= this.#file.size;
    if (isSame && this.#file?.size === file.size) return;
    if (!isSame) {
      this.#times = [];
      this.#readTo = 0;
    }
    for await (const { value, end } of readJsonLines<Partial<DeadLetter> | null>(this.#path, {
      from: this.#readTo,
    })) {
      this.#readTo = end;
      const time = Date.parse(value?.timestamp ?? "");
      if (!Number.isNaN(time) && nameOf(value?.signal) !== ALERT) this.#times.push(time);
      if (this.#times.length > MAX_TIMES) this.#times = this.#times.slice(-MAX_TIMES / 2);
    }
    this.#file = file;
  }
}

function nameOf(signal: unknown): unknown {
  return typeof signal === "object" && signal !== null
    ? (signal as { readonly signal?: unknown }).signal
    : null;
}
