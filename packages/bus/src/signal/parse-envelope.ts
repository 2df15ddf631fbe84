/**
 * Reading an envelope off the wire or the journal: every envelope field is checked exactly, unknown members are kept
 * (P8, tolerant in). Facts are not looked at; that is the contract's part. Bad input is a value, never an exception.
 */
import type { Envelope } from "./envelope.ts";
import {
  DAEMON_NAME,
  EPOCH,
  isSignalName,
  isTimestamp,
  MAX_JSON_DEPTH,
  MAX_NAME_CHARS,
  MAX_SIGNAL_BYTES,
  SIGNAL_NAME,
  TRACEPARENT,
  UUID,
} from "./envelope-fields.ts";
import { isDeeperThan } from "./json-depth.ts";

export interface EnvelopeLimits {
  /** Longest line, in bytes of UTF-8. */
  readonly maxBytes: number;
  /** Deepest nesting of objects and arrays, the envelope's own braces included. */
  readonly maxDepth: number;
}

export const ENVELOPE_LIMITS: EnvelopeLimits = Object.freeze({
  maxBytes: MAX_SIGNAL_BYTES,
  maxDepth: MAX_JSON_DEPTH,
});

const UTF8 = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export interface EnvelopeProblem {
  readonly reason: "too_large" | "bad_utf8" | "not_json" | "too_deep" | "bad_field";
  /** JSON Pointer of the offending field, `""` for the line as a whole. */
  readonly path: string;
  readonly message: string;
}

export type ParsedEnvelope =
  | { readonly kind: "ok"; readonly envelope: Envelope }
  | { readonly kind: "bad"; readonly problem: EnvelopeProblem };

/** Reads one line. Bytes must be valid UTF-8; a trailing newline is allowed. */
export function parseEnvelope(
  line: string | Uint8Array,
  limits: EnvelopeLimits = ENVELOPE_LIMITS,
): ParsedEnvelope {
  const bytes = typeof line === "string" ? byteLengthAbove(line, limits.maxBytes) : line.byteLength;
  if (bytes > limits.maxBytes)
    return bad("too_large", "", `is ${bytes} bytes long; at most ${limits.maxBytes} are allowed`);
  const text = typeof line === "string" ? line : decode(line);
  if (text === null) return bad("bad_utf8", "", "is not valid UTF-8");
  if (isDeeperThan(text, limits.maxDepth))
    return bad("too_deep", "", `nests deeper than ${limits.maxDepth} levels`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    return bad("not_json", "", `is not JSON: ${(cause as Error).message}`);
  }
  const problem = isObject(value) ? fieldProblem(value) : fault("", "must be a JSON object");
  if (problem !== null) return { kind: "bad", problem };
  return { kind: "ok", envelope: value as Envelope };
}

type Fields = { readonly [K in keyof Envelope]?: unknown };

function fieldProblem(e: Fields): EnvelopeProblem | null {
  if (!isSignalName(e.signal))
    return fault("/signal", `must match ${SIGNAL_NAME.source} in at most ${MAX_NAME_CHARS} characters`);
  if (!matches(UUID, e.id)) return fault("/id", "must be a lowercase UUID");
  if (!isKnownTimestamp(e.timestamp)) return fault("/timestamp", "must be an RFC 3339 time");
  if (!isKnownSource(e.source)) return fault("/source", "must be a daemon name");
  if (!isObject(e.facts)) return fault("/facts", "must be an object");
  if (!isPosition(e.version) || e.version < 1) return fault("/version", "must be a positive integer");
  if (!isPriority(e.priority)) return fault("/priority", "must be critical, high, normal or low");
  if (e.correlation_id !== e.id && !matches(UUID, e.correlation_id))
    return fault("/correlation_id", "must be a lowercase UUID");
  if (e.causation_id !== null && !matches(UUID, e.causation_id))
    return fault("/causation_id", "must be a lowercase UUID or null");
  if (!isTraceparent(e.traceparent)) return fault("/traceparent", "must be a W3C traceparent, version 00");
  if (!isKnownEpoch(e.epoch)) return fault("/epoch", `must match ${EPOCH.source}`);
  return positionProblem(e.seq, e.prev);
}

/** Journalled signals have 0 <= prev < seq; volatile ones have no position: both are 0. */
function positionProblem(seq: unknown, prev: unknown): EnvelopeProblem | null {
  if (!isPosition(seq)) return fault("/seq", "must be a non-negative integer");
  if (!isPosition(prev)) return fault("/prev", "must be a non-negative integer");
  if (prev < seq || (seq === 0 && prev === 0)) return null;
  return fault("/prev", `must be less than seq (prev ${prev}, seq ${seq})`);
}

function bad(reason: EnvelopeProblem["reason"], path: string, message: string): ParsedEnvelope {
  return { kind: "bad", problem: { reason, path, message } };
}

function fault(path: string, message: string): EnvelopeProblem {
  return { reason: "bad_field", path, message };
}

function matches(form: RegExp, value: unknown): boolean {
  return typeof value === "string" && form.test(value);
}

/** Signals come in batches that share these fields; comparing with the last accepted one is cheaper than testing again. */
function remembering(test: (text: string) => boolean): (value: unknown) => boolean {
  let last: unknown = Symbol("none yet");
  return (value) => {
    if (value === last) return true;
    if (typeof value !== "string" || !test(value)) return false;
    last = value;
    return true;
  };
}

const isKnownTimestamp = remembering(isTimestamp);
const isKnownSource = remembering((text) => DAEMON_NAME.test(text));
const isKnownEpoch = remembering((text) => EPOCH.test(text));

function isPosition(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isPriority(value: unknown): boolean {
  return value === "normal" || value === "high" || value === "low" || value === "critical";
}

const ZERO_TRACE = "0".repeat(32);
const ZERO_SPAN = "0".repeat(16);

function isTraceparent(value: unknown): boolean {
  return (
    matches(TRACEPARENT, value) &&
    !(value as string).startsWith(ZERO_TRACE, 3) &&
    !(value as string).startsWith(ZERO_SPAN, 36)
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** UTF-8 length of a text, counted only when it could exceed the limit: a UTF-16 unit is at most three bytes. */
function byteLengthAbove(text: string, limit: number): number {
  return text.length * 3 <= limit ? text.length : Buffer.byteLength(text);
}

/** Bytes as text; null when they are not UTF-8. A byte order mark stays, so that it is refused as JSON. */
function decode(line: Uint8Array): string | null {
  try {
    return UTF8.decode(line);
  } catch {
    return null;
  }
}
