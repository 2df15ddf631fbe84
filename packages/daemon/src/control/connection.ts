/**
 * One client of the control socket. Requests run concurrently and are answered as they finish; a bad line is
 * answered with an error. A client that sends too much at once, reads too slowly, or leaves a line unfinished
 * is limited, never waited for (P5, P10).
 */
import type { Socket } from "node:net";
import { LineSplitter } from "@kloros/client";
import {
  type ControlReply,
  type ControlRequest,
  errorReply,
  MAX_REQUEST_BYTES,
  parseRequest,
  resultReply,
} from "./protocol.ts";

/** Requests of one connection that run at once; further ones are refused with an error. */
export const MAX_PENDING_REQUESTS = 64;
/** Replies that a client has not read; a client further behind is disconnected. */
export const MAX_UNREAD_BYTES = 8 * 1024 * 1024;
/** A line must be finished this soon after it began, in milliseconds. */
export const LINE_DEADLINE_MS = 10_000;
/** A request that takes longer is answered with an error, in milliseconds; what it began may still finish. */
export const REQUEST_DEADLINE_MS = 30_000;

/** What is buffered for a client that is disconnected has this long to leave, in milliseconds. */
const FAREWELL_MS = 500;

export interface Connection {
  /** Nothing runs for this client; it may be disconnected when places are rare. */
  idle(): boolean;
  readonly lastActiveAt: number;
  /** Sends what is buffered and closes. */
  end(): void;
}

export type Answer = (request: ControlRequest) => unknown;

/** Serves one socket until it closes; `now` is Unix time in milliseconds. */
export function serveConnection(socket: Socket, answer: Answer, now: () => number): Connection {
  const splitter = new LineSplitter(MAX_REQUEST_BYTES);
  let pending = 0;
  let lastActiveAt = now();
  let lineTimer: NodeJS.Timeout | undefined;

  const reply = (message: ControlReply) => {
    if (socket.destroyed || !socket.writable) return;
    socket.write(`${safeJson(message)}\n`);
    if (socket.writableLength > MAX_UNREAD_BYTES) socket.destroy();
  };
  const refuse = (
    error: string,
    of: { event: string; correlation_id: string | null } = { event: "", correlation_id: null },
  ) => reply(errorReply(of, error, now()));

  const onLine = async (line: string): Promise<void> => {
    const parsed = parseRequest(line);
    if (parsed.kind === "bad") return refuse(parsed.error, parsed);
    const { request } = parsed;
    if (pending >= MAX_PENDING_REQUESTS)
      return refuse(`more than ${MAX_PENDING_REQUESTS} requests at once; wait for answers`, request);
    pending++;
    try {
      const data = await withDeadline(() => answer(request));
      reply(resultReply(request, data, now()));
    } catch (cause) {
      reply(errorReply(request, cause, now()));
    } finally {
      pending--;
    }
  };

  socket.on("data", (chunk: Buffer) => {
    lastActiveAt = now();
    for (const split of splitter.push(chunk)) {
      if (split.kind === "too-long") refuse(`the line is longer than ${MAX_REQUEST_BYTES} bytes`);
      else void onLine(split.text);
    }
    if (!splitter.inLine) {
      clearTimeout(lineTimer);
      lineTimer = undefined;
      return;
    }
    lineTimer ??= setTimeout(() => {
      refuse(`the line was not finished within ${LINE_DEADLINE_MS} ms`);
      socket.destroySoon();
    }, LINE_DEADLINE_MS).unref();
  });
  socket.on("error", () => socket.destroy()); // The client is gone; its errors are not ours.
  socket.on("close", () => clearTimeout(lineTimer));
  return {
    idle: () => pending === 0,
    get lastActiveAt() {
      return lastActiveAt;
    },
    end() {
      socket.destroySoon();
      setTimeout(() => socket.destroy(), FAREWELL_MS).unref();
    },
  };
}

async function withDeadline(run: () => unknown): Promise<unknown> {
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(
      () => reject(new Error(`no answer within ${REQUEST_DEADLINE_MS} ms`)),
      REQUEST_DEADLINE_MS,
    ).unref();
  });
  try {
    return await Promise.race([run(), deadline]);
  } finally {
    clearTimeout(timer);
  }
}

/** A handler may return what JSON cannot say (cycles, bigint); that is its bug, not the client's hang-up. */
function safeJson(message: ControlReply): string {
  try {
    return JSON.stringify(message);
  } catch (cause) {
    return JSON.stringify(
      errorReply(message, `the answer cannot be written as JSON: ${String(cause)}`, message.timestamp * 1000),
    );
  }
}
