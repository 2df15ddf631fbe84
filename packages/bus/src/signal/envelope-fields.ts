/** The exact form of each envelope field, in one place for reading, writing and input. */

/** Largest signal on wire and disk, in bytes; bounds every buffer that holds one (P5). */
export const MAX_SIGNAL_BYTES = 1_048_576;
/** Deepest nesting of objects and arrays in one signal; deeper JSON is an attack on recursive readers, not data. */
export const MAX_JSON_DEPTH = 64;

export const SIGNAL_NAME = /^Q_[A-Z0-9]+(?:_[A-Z0-9]+)+$/;
/** Longest signal name, in characters; it is a ZeroMQ topic and part of journal keys. */
export const MAX_NAME_CHARS = 128;
/** Any UUID of RFC 9562, lowercase as the RFC prints it, so that equal ids are equal strings. */
export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** W3C Trace Context, version 00; the all-zero ids it forbids are checked apart. */
export const TRACEPARENT = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
export const DAEMON_NAME = /^[a-z][a-z0-9_]{0,63}$/;
export const EPOCH = /^[0-9A-Za-z_-]{1,64}$/;

const TIMESTAMP =
  /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d{1,9})?(?:Z|[+-](?:[01]\d|2[0-3]):[0-5]\d)$/;

/** RFC 3339 date and time with offset, including that the day exists in its month. */
export function isTimestamp(text: string): boolean {
  if (!TIMESTAMP.test(text)) return false;
  if (text.charCodeAt(8) < 50 || text.startsWith("28", 8)) return true;
  const year = Number(text.slice(0, 4));
  const daysInMonth = new Date(Date.UTC(year, Number(text.slice(5, 7)), 0)).getUTCDate();
  return Number(text.slice(8, 10)) <= daysInMonth;
}

/** True for a well-formed signal name; whether a contract has it is another question. */
export function isSignalName(value: unknown): value is `Q_${string}` {
  return typeof value === "string" && value.length <= MAX_NAME_CHARS && SIGNAL_NAME.test(value);
}
