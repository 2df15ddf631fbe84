/**
 * Bytes of a child in, whole lines out. Memory is bounded: a longer line is cut, and what follows up to its
 * newline is skipped (P5).
 */

/** Longest line kept, in bytes; a log line of a signal with its facts abbreviated is far below. */
export const MAX_LINE_BYTES = 65_536;
const CUT_MARK = " …[cut]";
const NEWLINE = 0x0a;

export class LineSplitter {
  readonly #onLine: (line: string) => void;
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #length = 0;
  #cutting = false;

  constructor(onLine: (line: string) => void, maxBytes: number = MAX_LINE_BYTES) {
    this.#onLine = onLine;
    this.#maxBytes = maxBytes;
  }

  push(chunk: Buffer): void {
    let from = 0;
    for (let at = chunk.indexOf(NEWLINE); at >= 0; at = chunk.indexOf(NEWLINE, from)) {
      this.#collect(chunk.subarray(from, at));
      this.#finish();
      from = at + 1;
    }
    this.#collect(chunk.subarray(from));
  }

  /** The rest without a newline, at the end of the stream. */
  end(): void {
    if (this.#length > 0) this.#finish();
  }

  #collect(part: Buffer): void {
    if (this.#cutting || part.length === 0) return;
    const room = this.#maxBytes - this.#length;
    this.#cutting = part.length > room;
    const kept = this.#cutting ? part.subarray(0, room) : part;
    this.#parts.push(Buffer.from(kept)); // A copy: the chunk may be a large pooled buffer.
    this.#length += kept.length;
  }

  #finish(): void {
    const text = Buffer.concat(this.#parts).toString("utf8");
    const line = this.#cutting ? text + CUT_MARK : text;
    this.#parts = [];
    this.#length = 0;
    this.#cutting = false;
    if (line.trim() !== "") this.#onLine(line);
  }
}
