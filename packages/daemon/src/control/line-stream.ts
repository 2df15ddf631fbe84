/**
 * Lines on their way to one subscriber. Bounded: who reads too slowly loses lines and is told how many, in their place;
 * whoever sends never waits (P5).
 */
import type { ControlStream } from "./event.ts";
import { streamLine } from "./protocol.ts";

/** Lines that wait for one subscriber: two of the largest group commits, which come all at once. */
export const MAX_STREAM_LINES = 4_096;
/** The same in characters. */
export const MAX_STREAM_CHARACTERS = 4 * 1024 * 1024;

/** What a line has beside its data, in characters, about. */
const LINE_CHARACTERS = 200;
/** The owner of a stream is told when it grows by so many characters, so that it can account for them. */
const NEWS_CHARACTERS = 64 * 1024;

/** Made a text only when it is sent: many subscribers share the data of a line, and most of a slow one's are never sent. */
interface Line {
  readonly event: string;
  readonly json: string;
  readonly atMs: number;
}

export interface LineStreamOptions {
  readonly id: string;
  readonly correlation_id: string | null;
  readonly now: () => number;
  /** There is something to take. */
  readonly onLine: () => void;
  readonly onClose: () => void;
}

export class LineStream implements ControlStream {
  readonly id: string;
  readonly #options: LineStreamOptions;
  #lines: Line[] = [];
  #characters = 0;
  #dropped = 0;
  #closed = false;
  /** False until the answer that announces this stream has gone out: nothing may overtake it. */
  #released = false;

  constructor(options: LineStreamOptions) {
    this.id = options.id;
    this.#options = options;
  }

  get characters(): number {
    return this.#characters;
  }
  get hasLines(): boolean {
    return this.#released && this.#lines.length > 0;
  }

  release(): void {
    this.#released = true;
    if (this.#lines.length > 0) this.#options.onLine();
  }

  send(event: string, json: string): void {
    if (this.#closed) return;
    const hasRoom =
      this.#lines.length < MAX_STREAM_LINES && this.#characters + json.length <= MAX_STREAM_CHARACTERS;
    // Once lines are missing nothing follows before the client was told so.
    if (this.#dropped > 0 || !hasRoom) this.#dropped++;
    else this.#push(event, json);
  }

  #push(event: string, json: string): void {
    const before = this.#characters;
    this.#lines.push({ event, json, atMs: this.#options.now() });
    this.#characters += json.length + LINE_CHARACTERS;
    // Not for each line: a client that does not read has nothing to do for most of them.
    const isNews =
      before === 0 || Math.floor(before / NEWS_CHARACTERS) < Math.floor(this.#characters / NEWS_CHARACTERS);
    if (this.#released && isNews) this.#options.onLine();
  }

  /** The next lines, at most about `maxCharacters` of them, at least one. */
  take(maxCharacters: number): string {
    let count = 0;
    let characters = 0;
    let text = "";
    const of = { subscription: this.id, correlation_id: this.#options.correlation_id };
    while (count < this.#lines.length && text.length < maxCharacters) {
      const { event, json, atMs } = this.#lines[count++]!;
      text += streamLine(event, json, of, atMs);
      characters += json.length + LINE_CHARACTERS;
    }
    this.#characters -= characters;
    this.#lines.splice(0, count);
    if (this.#lines.length === 0 && this.#dropped > 0) {
      const count = this.#dropped;
      this.#dropped = 0;
      this.#push("stream:dropped", JSON.stringify({ count }));
    }
    return text;
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#lines = [];
    this.#characters = 0;
    this.#options.onClose();
  }
}
