/** Cuts a stream of bytes into lines without ever holding more than one line of the allowed length (P5). Pure. */

export type Split = { readonly kind: "line"; readonly text: string } | { readonly kind: "too-long" };

const NEWLINE = 0x0a;

export class LineSplitter {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** True while a line has begun and not ended. */
  get inLine(): boolean {
    return this.#length > 0;
  }

  /** The lines that `chunk` completes. A line that grows too long is told once, when it does; its rest is dropped. */
  push(chunk: Buffer): Split[] {
    const splits: Split[] = [];
    let start = 0;
    for (let at = chunk.indexOf(NEWLINE); at !== -1; at = chunk.indexOf(NEWLINE, start)) {
      this.#collect(chunk.subarray(start, at), splits);
      start = at + 1;
      const text = this.#take();
      if (text !== null && text.trim() !== "") splits.push({ kind: "line", text });
    }
    this.#collect(chunk.subarray(start), splits);
    return splits;
  }

  #collect(piece: Buffer, splits: Split[]): void {
    const wasWithin = this.#length <= this.#maxBytes;
    this.#length += piece.length;
    if (this.#length <= this.#maxBytes) {
      this.#parts.push(piece);
      return;
    }
    this.#parts = [];
    if (wasWithin) splits.push({ kind: "too-long" });
  }

  #take(): string | null {
    const text = this.#length > this.#maxBytes ? null : Buffer.concat(this.#parts).toString("utf8");
    this.#parts = [];
    this.#length = 0;
    return text;
  }
}
