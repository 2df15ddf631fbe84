/**
 * The lines of one client, one at a time. Holds at most one unfinished line, copied into a buffer of its own: a client that
 * sends single bytes, or a few after a large chunk, holds no more memory than it has sent (P5).
 */
import { MAX_REQUEST_BYTES } from "./protocol.ts";

export type ReadLine = { readonly kind: "line"; readonly text: string } | { readonly kind: "too-long" };

const NEWLINE = 0x0a;
const EMPTY = Buffer.alloc(0);
/** Blank lines passed in one go; more of them are left for the next turn. */
const MAX_BLANK_LINES = 256;
/** First room for an unfinished line, in bytes; doubles as it grows. */
const FIRST_ROOM_BYTES = 1024;

export class LineReader {
  #chunk: Buffer = EMPTY;
  #at = 0;
  /** The unfinished line: the first `#length` bytes of `#room`. */
  #room: Buffer = EMPTY;
  #length = 0;
  /** The rest of the line that has begun is dropped. */
  #skipping = false;

  feed(chunk: Buffer): void {
    this.#chunk = this.isEmpty ? chunk : Buffer.concat([this.#chunk.subarray(this.#at), chunk]);
    this.#at = 0;
  }

  /** All that was fed has been looked at. */
  get isEmpty(): boolean {
    return this.#at === this.#chunk.length;
  }
  /** A line has begun, and what was fed does not end it. */
  get inLine(): boolean {
    return this.isEmpty && (this.#length > 0 || this.#skipping);
  }
  /** What comes next is thrown away, up to the end of the line. */
  get isSkipping(): boolean {
    return this.isEmpty && this.#skipping;
  }
  get heldBytes(): number {
    return this.#room.length + this.#chunk.length;
  }
  /** What `skipLine` would give back, in bytes. */
  get lineBytes(): number {
    return this.#room.length;
  }

  /** The next line of what was fed; null when there is none in it, or only blank ones so far. */
  next(): ReadLine | null {
    for (let pieces = 0; pieces < MAX_BLANK_LINES && !this.isEmpty; pieces++) {
      const end = this.#chunk.indexOf(NEWLINE, this.#at);
      const piece = this.#chunk.subarray(this.#at, end === -1 ? undefined : end);
      this.#at = end === -1 ? this.#chunk.length : end + 1;
      if (this.isEmpty) [this.#chunk, this.#at] = [EMPTY, 0];
      const line = end === -1 ? this.#keep(piece) : this.#finish(piece);
      if (line !== null) return line;
    }
    return null;
  }

  #keep(piece: Buffer): ReadLine | null {
    if (this.#skipping) return null;
    const length = this.#length + piece.length;
    if (length > MAX_REQUEST_BYTES) {
      this.skipLine();
      return { kind: "too-long" };
    }
    if (length > this.#room.length) this.#grow(length);
    piece.copy(this.#room, this.#length);
    this.#length = length;
    return null;
  }

  #grow(length: number): void {
    let bytes = Math.max(FIRST_ROOM_BYTES, this.#room.length);
    while (bytes < length) bytes *= 2;
    const room = Buffer.allocUnsafeSlow(bytes);
    this.#room.copy(room, 0, 0, this.#length);
    this.#room = room;
  }

  #finish(piece: Buffer): ReadLine | null {
    if (this.#skipping) {
      this.#skipping = false;
      return null;
    }
    const tooLong = this.#keepIfBegun(piece);
    const text = this.#length === 0 ? piece.toString("utf8") : this.#room.toString("utf8", 0, this.#length);
    [this.#room, this.#length, this.#skipping] = [EMPTY, 0, false];
    if (tooLong !== null) return tooLong;
    return text.trim() === "" ? null : { kind: "line", text };
  }

  #keepIfBegun(piece: Buffer): ReadLine | null {
    if (this.#length > 0) return this.#keep(piece);
    return piece.length > MAX_REQUEST_BYTES ? { kind: "too-long" } : null;
  }

  /** Forgets the line that has begun, and whatever follows of it. */
  skipLine(): void {
    [this.#room, this.#length, this.#skipping] = [EMPTY, 0, true];
  }
}
