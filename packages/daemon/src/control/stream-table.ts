/** The streams of one client, and the view of the client that an event is given to open them. */
import { randomUUID } from "node:crypto";
import { ControlRequestError } from "./errors.ts";
import type { ControlConnection, ControlStream } from "./event.ts";
import { LineStream } from "./line-stream.ts";

/** Streams of one client. */
export const MAX_CLIENT_STREAMS = 16;
/** Streams of all clients: each costs a line for each signal that it follows. */
export const MAX_STREAMS = 256;

/** How many streams all clients of one socket have open. */
export interface StreamCount {
  open: number;
}

export class StreamTable {
  readonly #streams = new Map<string, LineStream>();
  readonly #count: StreamCount;
  readonly #now: () => number;
  readonly #onLine: () => void;

  constructor(count: StreamCount, now: () => number, onLine: () => void) {
    this.#count = count;
    this.#now = now;
    this.#onLine = onLine;
  }

  get size(): number {
    return this.#streams.size;
  }
  get characters(): number {
    let sum = 0;
    for (const stream of this.#streams.values()) sum += stream.characters;
    return sum;
  }

  /** @throws {ControlRequestError} */
  open(correlation_id: string | null, onClose?: () => void): LineStream {
    if (this.#streams.size >= MAX_CLIENT_STREAMS)
      throw new ControlRequestError(
        `this connection has ${MAX_CLIENT_STREAMS} streams already: unsubscribe from one, or open another connection`,
      );
    if (this.#count.open >= MAX_STREAMS)
      throw new ControlRequestError(`all ${MAX_STREAMS} streams of this daemon are in use; try again later`);
    const id = randomUUID();
    const stream = new LineStream({
      id,
      correlation_id,
      now: this.#now,
      onLine: this.#onLine,
      onClose: () => {
        this.#streams.delete(id);
        this.#count.open--;
        onClose?.();
      },
    });
    this.#streams.set(id, stream);
    this.#count.open++;
    return stream;
  }

  close(id: string): boolean {
    const stream = this.#streams.get(id);
    stream?.close();
    return stream !== undefined;
  }

  closeAll(): void {
    for (const stream of this.#streams.values()) stream.close();
  }

  /** The next lines, one stream after the other; at most about `maxCharacters`. */
  take(maxCharacters: number): string {
    let text = "";
    for (const [id, stream] of this.#streams) {
      if (!stream.hasLines) continue;
      text += stream.take(maxCharacters - text.length);
      // To the back: a busy stream leaves room for the next.
      this.#streams.delete(id);
      this.#streams.set(id, stream);
      if (text.length >= maxCharacters) break;
    }
    return text;
  }
}

/** One request's view of its client. */
export class Asker implements ControlConnection {
  readonly id: number;
  readonly #correlation_id: string | null;
  readonly #table: StreamTable;
  #opened: LineStream[] | null = null;

  constructor(id: number, correlation_id: string | null, table: StreamTable) {
    this.id = id;
    this.#correlation_id = correlation_id;
    this.#table = table;
  }

  openStream(onClose?: () => void): ControlStream {
    const stream = this.#table.open(this.#correlation_id, onClose);
    (this.#opened ??= []).push(stream);
    return stream;
  }

  closeStream(id: string): boolean {
    return this.#table.close(id);
  }

  /** The answer is on its way: its streams may follow it, or, when it is an error, must not begin. */
  onAnswered(outcome: "answered" | "failed"): void {
    for (const stream of this.#opened ?? []) {
      if (outcome === "answered") stream.release();
      else stream.close();
    }
  }
}
