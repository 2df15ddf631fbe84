/**
 * Lines on their way to one subscriber. Bounded: who reads too slowly loses lines and is told how many, in their place;
 * whoever sends never waits (P5).
 */
import type { ControlStream } from "./event.ts";
import { streamLine } from "./protocol.ts";

/** Lines that wait for one subscriber. */
export const MAX_STREAM_LINES = 1_024;
/** The same in characters. */
export const MAX_STREAM_CHARACTERS = 1024 * 1024;

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
  #lines: string[] = [];
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
    const { now, onLine, correlation_id } = this.#options;
    const line = streamLine(event, json, { subscription: this.id, correlation_id }, now());
    this.#lines.push(line);
    this.#characters += line.length;
    if (this.#released) onLine();
  }

  /** The next lines, at most about `maxCharacters` of them, at least one. */
  take(maxCharacters: number): string {
    let count = 0;
    let characters = 0;
    while (count < this.#lines.length && characters < maxCharacters)
      characters += this.#lines[count++]!.length;
    this.#characters -= characters;
    const text = this.#lines.splice(0, count).join("");
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
