/**
 * The lines of the control socket: newline-delimited JSON, one request or reply a line. Pure.
 * Request `{event, data?, correlation_id?}`; reply `{event, data, count, correlation_id, timestamp}` with an
 * object for one result and an array for many, or `{event, error, correlation_id, timestamp}`. After the answer to a
 * request that opened a stream come lines `{event, data, subscription, correlation_id, timestamp}` with that request's
 * correlation_id.
 */
import { isDeeperThan } from "@kloros/bus";

/** Longest request line; the same as the largest signal, so that any signal can be asked for. */
export const MAX_REQUEST_BYTES = 1024 * 1024;
/** Deepest nesting of a request line, in levels: more than a signal may have, and far less than the stack holds. */
const MAX_REQUEST_DEPTH = 128;

export interface ControlRequest {
  readonly event: string;
  readonly data: unknown;
  readonly correlation_id: string | null;
}

export type ControlReply =
  | {
      readonly event: string;
      readonly data: unknown;
      readonly count: number;
      readonly correlation_id: string | null;
      /** Unix time in seconds. */
      readonly timestamp: number;
    }
  | {
      readonly event: string;
      readonly error: string;
      /** Stable code of a known error, e.g. `E_CONTRACT_VIOLATION`. */
      readonly code?: string;
      readonly correlation_id: string | null;
      readonly timestamp: number;
    };

export type ParsedRequest =
  | { readonly kind: "request"; readonly request: ControlRequest }
  | {
      readonly kind: "bad";
      readonly event: string;
      readonly correlation_id: string | null;
      readonly error: string;
    };

/** Reads one line; a bad one keeps as much of its identity as can be found, so that its error finds its asker. */
export function parseRequest(line: string): ParsedRequest {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return {
      kind: "bad",
      event: "",
      correlation_id: null,
      error: "the line is no JSON; one object per line is expected",
    };
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    return {
      kind: "bad",
      event: "",
      correlation_id: null,
      error: "the line must be an object with the member event",
    };
  }
  const { event, data, correlation_id: given } = value as Record<string, unknown>;
  const correlation_id = typeof given === "string" ? given : null;
  if (typeof event !== "string" || event === "") {
    return {
      kind: "bad",
      event: "",
      correlation_id,
      error: "the member event must be a name, for example system:health",
    };
  }
  if (given !== undefined && given !== null && typeof given !== "string") {
    return { kind: "bad", event, correlation_id, error: "the member correlation_id must be a string" };
  }
  if (isDeeperThan(line, MAX_REQUEST_DEPTH)) {
    const error = `the line nests deeper than ${MAX_REQUEST_DEPTH} levels: flatten it, or send it as a text`;
    return { kind: "bad", event, correlation_id, error };
  }
  return { kind: "request", request: { event, data, correlation_id } };
}

/** A line of a stream; `json` is the text of `data`. */
export function streamLine(
  event: string,
  json: string,
  of: { readonly subscription: string; readonly correlation_id: string | null },
  atMs: number,
): string {
  return `{"event":${JSON.stringify(event)},"data":${json},"subscription":"${of.subscription}","correlation_id":${JSON.stringify(of.correlation_id)},"timestamp":${atMs / 1000}}\n`;
}

export function resultReply(
  { event, correlation_id }: ControlRequest,
  data: unknown,
  nowMs: number,
): ControlReply {
  const count = Array.isArray(data) ? data.length : data === undefined || data === null ? 0 : 1;
  return { event, data: data ?? null, count, correlation_id, timestamp: nowMs / 1000 };
}

export function errorReply(
  { event, correlation_id }: { readonly event: string; readonly correlation_id: string | null },
  error: unknown,
  nowMs: number,
): ControlReply {
  const code =
    error instanceof Error && "code" in error && typeof error.code === "string" ? { code: error.code } : {};
  return {
    event,
    error: error instanceof Error ? error.message : String(error),
    ...code,
    correlation_id,
    timestamp: nowMs / 1000,
  };
}

/** The reply as a line. A handler may return what JSON cannot say (cycles, bigint): its bug, not the client's hang-up. */
export function replyLine(reply: ControlReply): string {
  try {
    return `${JSON.stringify(reply)}\n`;
  } catch (cause) {
    const told = errorReply(
      reply,
      `the answer cannot be written as JSON: ${String(cause)}`,
      reply.timestamp * 1000,
    );
    return `${JSON.stringify(told)}\n`;
  }
}
