/** One send in flight per socket, the rest in a bounded queue: zeromq.js refuses a second concurrent send with EBUSY. */
import { Deque } from "../protocol/deque.ts";

type Frames = readonly (Uint8Array | string)[];

/** Send errors that only mean "not now": the peer is gone, its queue is full, or nobody is connected. The protocol heals the loss. */
const LOSSES = new Set(["EAGAIN", "EHOSTUNREACH", "ENOTSOCK"]);

export class SendQueue {
  readonly #send: (frames: Frames) => Promise<void>;
  readonly #limit: number;
  readonly #queue = new Deque<Frames>();
  #sending: Promise<void> | null = null;
  #closed = false;
  dropped = 0;

  constructor(send: (frames: Frames) => Promise<void>, limit: number) {
    this.#send = send;
    this.#limit = limit;
  }

  /** False: the queue is full or closed and the frame is dropped. */
  push(frames: Frames): boolean {
    if (this.#closed || this.#queue.length >= this.#limit) {
      this.dropped++;
      return false;
    }
    this.#queue.push(frames);
    this.#sending ??= this.#drain();
    return true;
  }

  async #drain(): Promise<void> {
    for (let frames = this.#queue.shift(); frames !== undefined; frames = this.#queue.shift()) {
      try {
        await this.#send(frames);
      } catch (error) {
        if (!LOSSES.has((error as NodeJS.ErrnoException).code ?? "")) throw error;
        this.dropped++;
      }
    }
    this.#sending = null;
  }

  /** Sends what is queued, then refuses more. */
  async close(): Promise<void> {
    this.#closed = true;
    await this.#sending;
  }
}
