/** What a line from a daemon means. Pure; `docs/control-socket.md` has the form. */

export interface StreamLine {
  readonly kind: "stream";
  readonly subscription: string;
  readonly event: string;
  readonly data: unknown;
}

export interface ErrorLine {
  readonly kind: "error";
  /** null: about the connection, not about one request. */
  readonly correlationId: string | null;
  readonly error: string;
  readonly code: string | null;
}

/** An answer as the daemon sent it. */
export interface ControlReply {
  readonly event: string;
  readonly data: unknown;
  /** Results in `data`: 1 for an object, the length of an array, 0 for null. */
  readonly count: number;
  readonly correlation_id: string;
  /** Unix time in seconds. */
  readonly timestamp: number;
}

export type ReplyLine =
  | { readonly kind: "result"; readonly correlationId: string; readonly reply: ControlReply }
  | ErrorLine
  | StreamLine
  | { readonly kind: "garbage" };

/** Reads one line; what is no reply is garbage, and nothing is thrown. */
export function readReplyLine(text: string): ReplyLine {
  const line = parseObject(text);
  if (line === null) return { kind: "garbage" };
  const { event, data, error, code, subscription } = line;
  const correlationId = typeof line["correlation_id"] === "string" ? line["correlation_id"] : null;
  if (typeof subscription === "string")
    return { kind: "stream", subscription, event: typeof event === "string" ? event : "", data };
  if (error !== undefined)
    return {
      kind: "error",
      correlationId,
      error: typeof error === "string" ? error : JSON.stringify(error),
      code: typeof code === "string" ? code : null,
    };
  if (correlationId === null) return { kind: "garbage" };
  return { kind: "result", correlationId, reply: line as unknown as ControlReply };
}

function parseObject(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch {
    return null;
  }
}
