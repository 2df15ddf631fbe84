/** The client's side of the control socket: one question, one answer. */
import { createConnection } from "node:net";
import { randomUUID } from "node:crypto";
import { KlorosError } from "@kloros/bus/error";
import { LineSplitter } from "./line-splitter.ts";

/** Longest answer that is read: what a daemon may have buffered for one client. */
const MAX_REPLY_BYTES = 8 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 5_000;

/** Nobody answers at a control socket: the daemon does not run, or is stuck. */
export class DaemonUnreachableError extends KlorosError {
  readonly socketPath: string;
  constructor(socketPath: string, detail: string, options?: ErrorOptions) {
    super("E_DAEMON_UNREACHABLE", `no answer at ${socketPath} (${detail}): is the daemon running?`, options);
    this.socketPath = socketPath;
  }
}

/** The daemon answered with an error; `daemonCode` is the error's stable code where it has one. */
export class DaemonRefusedError extends KlorosError {
  readonly daemonCode: string | null;
  constructor(event: string, message: string, daemonCode: string | null) {
    super("E_DAEMON_REFUSED", `${event}: ${message}`);
    this.daemonCode = daemonCode;
  }
}

/**
 * Asks a daemon and resolves with the `data` of its answer. `timeoutMs` (default 5,000) covers all of it.
 * @throws {DaemonUnreachableError} no such socket, nobody listens, no answer in time
 * @throws {DaemonRefusedError} the answer is an error
 */
export async function askDaemon<T = unknown>(
  socketPath: string,
  event: string,
  data: unknown = {},
  options: { readonly timeoutMs?: number } = {},
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const correlation_id = randomUUID();
  return new Promise<T>((resolve, reject) => {
    const socket = createConnection(socketPath);
    const splitter = new LineSplitter(MAX_REPLY_BYTES);
    const settle = (act: () => void) => {
      clearTimeout(timer);
      socket.destroy();
      act();
    };
    const fail = (detail: string, cause?: unknown) =>
      settle(() =>
        reject(new DaemonUnreachableError(socketPath, detail, cause === undefined ? {} : { cause })),
      );
    const timer = setTimeout(() => fail(`waited ${timeoutMs} ms`), timeoutMs);
    socket.on("error", (cause: NodeJS.ErrnoException) => fail(cause.code ?? cause.message, cause));
    socket.on("close", () => fail("the connection was closed"));
    socket.on("connect", () => socket.write(`${JSON.stringify({ event, data, correlation_id })}\n`));
    socket.on("data", (chunk: Buffer) => {
      for (const split of splitter.push(chunk)) {
        if (split.kind === "too-long") return fail(`the answer is longer than ${MAX_REPLY_BYTES} bytes`);
        const reply = parseReply(split.text);
        if (!reply) return fail("the answer is no JSON object");
        if (typeof reply.error === "string") {
          const { error, code } = reply;
          return settle(() =>
            reject(new DaemonRefusedError(event, error, typeof code === "string" ? code : null)),
          );
        }
        if (reply.correlation_id === correlation_id) return settle(() => resolve(reply.data as T));
      }
    });
  });
}

interface Reply {
  readonly error?: unknown;
  readonly code?: unknown;
  readonly data?: unknown;
  readonly correlation_id?: unknown;
}

function parseReply(line: string): Reply | null {
  try {
    const value: unknown = JSON.parse(line);
    return typeof value === "object" && value !== null ? value : null;
  } catch {
    return null;
  }
}
