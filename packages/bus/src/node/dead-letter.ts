/**
 * A dead letter: a signal that could not be handled, whole, with its error, kept until someone resolves it.
 * The journal's outbox holds it from the commit that moves the cursor until its line is synced in `failed_signals.jsonl`,
 * so it is neither lost nor written twice, whatever is killed when (P3, P6).
 */
import { createHash } from "node:crypto";

/** One line of `failed_signals.jsonl`. */
export interface DeadLetter {
  /** The letter's own id; the same failure of the same signal always has the same. */
  readonly id: string;
  /** The whole signal; or, when it was not even JSON, its bytes in base64. */
  readonly signal: unknown;
  readonly raw_base64?: string;
  readonly error: string;
  readonly timestamp: string;
  readonly daemon: string;
  readonly traceback: string;
  readonly attempts: number;
  /** Same cause, same fingerprint: 16 hex digits. */
  readonly fingerprint: string;
}

export interface LetterInput {
  /** What makes this failure this failure: repeated input with the same key is the same letter. */
  readonly key: string;
  /** A signal or anything JSON; bytes when it was not even that. */
  readonly signal: unknown;
  readonly error: unknown;
  readonly attempts?: number;
}

/** Bytes of a traceback that are kept. */
const MAX_TRACEBACK_CHARS = 8_000;
/** Bytes of raw content that are kept; intents and signals are smaller by contract. */
const MAX_RAW_BYTES = 2 * 1024 * 1024;

export function deadLetter(daemon: string, input: LetterInput, nowMs: number): DeadLetter {
  const { error } = input;
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  const traceback = error instanceof Error ? withCauses(error).slice(0, MAX_TRACEBACK_CHARS) : text;
  const content =
    input.signal instanceof Uint8Array
      ? { signal: null, raw_base64: Buffer.from(input.signal.subarray(0, MAX_RAW_BYTES)).toString("base64") }
      : { signal: input.signal };
  return {
    id: uuidFrom(`${daemon}\n${input.key}`),
    ...content,
    error: text,
    timestamp: new Date(nowMs).toISOString(),
    daemon,
    traceback,
    attempts: input.attempts ?? 1,
    fingerprint: fingerprintOf(daemon, input.signal, text),
  };
}

function withCauses(error: Error): string {
  const parts = [error.stack ?? String(error)];
  for (let cause = error.cause; cause instanceof Error && parts.length < 5; cause = cause.cause)
    parts.push(`caused by: ${cause.stack ?? String(cause)}`);
  return parts.join("\n");
}

/** What differs from case to case (numbers, ids, quoted values) is not the cause. */
export function fingerprintOf(daemon: string, signal: unknown, error: string): string {
  const name = (signal as { signal?: unknown } | null)?.signal;
  const cause = error
    .replace(/[0-9a-f]{8}-[0-9a-f-]{27}/gi, "<id>")
    .replace(/"[^"]*"|'[^']*'|`[^`]*`/g, "<value>")
    .replace(/\d+/g, "<n>");
  return createHash("sha256")
    .update(`${daemon}\n${typeof name === "string" ? name : ""}\n${cause}`)
    .digest("hex")
    .slice(0, 16);
}

/** A UUID of version 8 (RFC 9562) made of a hash: the same text always gives the same id. */
export function uuidFrom(text: string): string {
  const hash = createHash("sha256").update(text).digest();
  hash[6] = ((hash[6] as number) & 0x0f) | 0x80;
  hash[8] = ((hash[8] as number) & 0x3f) | 0x80;
  const hex = hash.toString("hex");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20, 32)}`;
}
