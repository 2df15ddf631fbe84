/** One socket from connect to close: bytes in, lines out. Knows nothing of requests, and never reconnects. */
import { createConnection, type Socket } from "node:net";
import { LineSplitter } from "../line-splitter.ts";
import { readReplyLine, type ReplyLine } from "./reply-line.ts";

/** Longest line that is read, in bytes: twice what a daemon buffers for a client before it gives it up. */
const MAX_REPLY_BYTES = 16 * 1024 * 1024;
/** Bytes handed to the socket and not yet taken by the daemon; more requests wait (P5). */
const MAX_UNSENT_BYTES = 2 * 1024 * 1024;

export interface SocketEnd {
  /** What ended it: a system error's code, or words. */
  readonly detail: string;
  readonly cause?: unknown;
  /** False: the connection never came about. */
  readonly wasOpen: boolean;
}

export interface LinkSocketHandlers {
  onOpen(): void;
  onLine(line: ReplyLine): void;
  /** The daemon has taken what was sent; more may be sent. */
  onDrain(): void;
  /** Exactly once, at the end. Not after `close()`. */
  onEnd(end: SocketEnd): void;
}

export class LinkSocket {
  readonly #socket: Socket;
  readonly #handlers: LinkSocketHandlers;
  #open = false;
  #ended = false;

  constructor(path: string, handlers: LinkSocketHandlers) {
    this.#handlers = handlers;
    this.#socket = createConnection(path);
    const splitter = new LineSplitter(MAX_REPLY_BYTES);
    this.#socket.on("connect", () => {
      this.#open = true;
      handlers.onOpen();
    });
    this.#socket.on("data", (chunk: Buffer) => {
      for (const split of splitter.push(chunk)) {
        if (this.#ended) return;
        if (split.kind === "too-long")
          return this.#end(`it sent a line of more than ${MAX_REPLY_BYTES} bytes`);
        const line = readReplyLine(split.text);
        if (line.kind === "garbage") return this.#end("it sent a line that is no reply");
        handlers.onLine(line);
      }
    });
    this.#socket.on("drain", () => handlers.onDrain());
    this.#socket.on("error", (cause: NodeJS.ErrnoException) => this.#end(cause.code ?? cause.message, cause));
    this.#socket.on("end", () => this.#end("it was closed by the daemon"));
    this.#socket.on("close", () => this.#end("it was closed"));
  }

  /** May another line be written now? */
  get takesMore(): boolean {
    return this.#open && !this.#ended && this.#socket.writableLength < MAX_UNSENT_BYTES;
  }

  /** `onLeft`: the last byte of it has left this process. */
  write(line: string, onLeft: () => void): void {
    this.#socket.write(line, (error) => {
      if (!error) onLeft();
    });
  }

  /** Ends it without telling. */
  close(): void {
    this.#ended = true;
    this.#socket.destroy();
  }

  #end(detail: string, cause?: unknown): void {
    if (this.#ended) return;
    this.close();
    const end = { detail, wasOpen: this.#open, ...(cause === undefined ? {} : { cause }) };
    process.nextTick(() => this.#handlers.onEnd(end)); // After the callbacks of what has left already.
  }
}
