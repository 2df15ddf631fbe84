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

export type ReplyLine =
  | { readonly kind: "result"; readonly correlationId: string; readonly data: unknown }
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
  return correlationId === null ? { kind: "garbage" } : { kind: "result", correlationId, data: data ?? null };
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
