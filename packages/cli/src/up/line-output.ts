/**
 * The one place where `kloros up` writes. A terminal that is held (Ctrl-S) or a pipe that nobody reads must neither
 * stop the mesh nor fill memory (P5): beyond `FULL_BYTES` the children are held back, and if nobody reads for
 * `STALL_MS` lines are dropped, counted, until somebody does.
 * Writes go through the thread pool, because a write to a terminal blocks the thread that makes it.
 */
import { write } from "node:fs";

/** Bytes that wait for the reader before the children are held back. */
export const FULL_BYTES = 1_048_576;
/** The children go on when so few bytes wait. */
const LOW_BYTES = 262_144;
/** Longest time for which the children are held back, in milliseconds; well below their heartbeat deadline. */
export const STALL_MS = 2_000;
/** Bytes given to one write. */
const MAX_WRITE_BYTES = 65_536;
/** Wait before writing again to a pipe that is full, in milliseconds. */
const RETRY_MS = 20;
/** The same when the output is a file on a disk that is full: no reason to stop the mesh, and it lasts longer. */
const FULL_DISK_RETRY_MS = 500;

export interface LineOutputEvents {
  onFull(): void;
  onFlowing(): void;
  /** The reader has gone; called once. */
  onClosed(): void;
  /** The line that tells how many were dropped. */
  droppedNotice(count: number): string;
}

export class LineOutput {
  readonly #fd: number;
  readonly #events: LineOutputEvents;
  #lines: string[] = [];
  #bytes = 0;
  #rest: Buffer | null = null;
  #writing = false;
  #held: NodeJS.Timeout | null = null;
  #dropping = false;
  #dropped = 0;
  #closed = false;
  readonly #idle: (() => void)[] = [];

  constructor(fd: number, events: LineOutputEvents) {
    this.#fd = fd;
    this.#events = events;
  }

  /** Queues one line. */
  line(text: string): void {
    if (this.#closed) return;
    if (this.#dropping) {
      this.#dropped++;
      return;
    }
    this.#lines.push(text);
    this.#bytes += text.length + 1;
    if (this.#bytes > FULL_BYTES && !this.#held) this.#hold();
    this.#pump();
  }

  /** Resolves when all is written, or after `deadlineMs`. */
  async flush(deadlineMs: number): Promise<void> {
    if (!this.#writing || this.#closed) return;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, deadlineMs);
      this.#idle.push(() => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #hold(): void {
    this.#events.onFull();
    this.#held = setTimeout(() => {
      this.#dropping = true;
      this.#events.onFlowing();
    }, STALL_MS);
  }

  #pump(): void {
    if (this.#writing || this.#closed) return;
    const batch = this.#rest ?? this.#takeBatch();
    if (!batch) {
      for (const done of this.#idle.splice(0)) done();
      return;
    }
    this.#writing = true;
    write(this.#fd, batch, (error, written) => {
      this.#written(batch, error, written);
    });
  }

  #written(batch: Buffer, error: NodeJS.ErrnoException | null, written: number): void {
    this.#rest = batch;
    const retryMs = error ? retryDelayMs(error) : 0;
    if (retryMs === null) {
      this.#close();
      return;
    }
    if (!error) this.#rest = written < batch.length ? batch.subarray(written) : null;
    const next = (): void => {
      this.#writing = false;
      if (!error) this.#relax();
      this.#pump();
    };
    if (error) setTimeout(next, retryMs);
    else next();
  }

  #relax(): void {
    if (!this.#held || this.#bytes > LOW_BYTES) return;
    clearTimeout(this.#held);
    this.#held = null;
    if (!this.#dropping) {
      this.#events.onFlowing();
      return;
    }
    this.#dropping = false;
    const count = this.#dropped;
    this.#dropped = 0;
    if (count > 0) this.line(this.#events.droppedNotice(count));
  }

  #takeBatch(): Buffer | null {
    if (this.#lines.length === 0) return null;
    let chars = 0;
    let count = 0;
    while (count < this.#lines.length && chars < MAX_WRITE_BYTES)
      chars += (this.#lines[count++]?.length ?? 0) + 1;
    const batch = `${this.#lines.splice(0, count).join("\n")}\n`;
    this.#bytes -= chars;
    return Buffer.from(batch);
  }

  #close(): void {
    this.#closed = true;
    this.#lines = [];
    if (this.#held) {
      clearTimeout(this.#held);
      this.#events.onFlowing();
    }
    for (const done of this.#idle.splice(0)) done();
    this.#events.onClosed();
  }
}

/** Null: there is no use in writing again, the reader has gone. */
function retryDelayMs({ code }: NodeJS.ErrnoException): number | null {
  if (code === "EAGAIN") return RETRY_MS;
  return code === "ENOSPC" || code === "EDQUOT" ? FULL_DISK_RETRY_MS : null;
}
