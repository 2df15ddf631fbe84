/**
 * A log line as fields of the journal: what is known gets a name that people search for (SIGNAL, CORRELATION_ID, RULE …), the
 * rest is prefixed, all of it bounded (P5). MESSAGE is for people, the other fields are for queries. Pure.
 */
import { messageIdOf } from "./message-ids.ts";

export type JournalFields = Readonly<Record<string, string>>;

/** A log record as pino writes it, parsed. */
export type LogRecord = Readonly<Record<string, unknown>>;

/** syslog's numbers by pino's level names. */
const PRIORITIES: Readonly<Record<string, string>> = {
  fatal: "2",
  error: "3",
  warn: "4",
  info: "6",
  debug: "7",
  trace: "7",
};
const INFO = "6";

/** Names under which fields of the log are found in the journal; all others are prefixed. */
const KNOWN: Readonly<Record<string, string>> = {
  event: "EVENT",
  signal: "SIGNAL",
  signal_id: "SIGNAL_ID",
  correlation_id: "CORRELATION_ID",
  causation_id: "CAUSATION_ID",
  source: "SOURCE",
  fingerprint: "FINGERPRINT",
  code: "ERROR_CODE",
  alert_type: "ALERT_TYPE",
  severity: "SEVERITY",
  rule: "RULE",
  outcome: "OUTCOME",
  reason: "REASON",
};
const PREFIX = "KLOROS_";
/** What the journal knows by itself, or what stands in other fields. */
const LEFT_OUT = new Set(["level", "time", "pid", "hostname", "daemon", "msg", "v", "err", "error", "cause"]);
/** What a reader of MESSAGE need not see again. */
const NOT_IN_MESSAGE = new Set([...LEFT_OUT, "event", "correlation_id", "causation_id"]);

/** Fields of one line, besides those of the envelope. */
const MAX_FIELDS = 40;
/** Characters of one value; `journalctl -o json` shows no longer ones without --all. */
const MAX_VALUE_CHARS = 4_000;
/** Characters of the journal's own limit for a name (64), without the prefix. */
const MAX_NAME_CHARS = 50;
/** Characters of MESSAGE that are taken by one field, and by all. */
const MAX_DETAIL_CHARS = 120;
const MAX_DETAILS_CHARS = 600;

/** syslog's priority of a record. */
export function priorityOf({ level }: LogRecord): string {
  return (typeof level === "string" ? PRIORITIES[level] : undefined) ?? INFO;
}

/** The fields of one record of the daemon `daemon`. */
export function journalFields(daemon: string, record: LogRecord): JournalFields {
  const fields: Record<string, string> = {
    MESSAGE: messageOf(record),
    PRIORITY: priorityOf(record),
    SYSLOG_IDENTIFIER: daemon,
    DAEMON: daemon,
  };
  const messageId = messageIdOf(record["event"]);
  if (messageId !== undefined) fields["MESSAGE_ID"] = messageId;
  addError(fields, record);
  let left = MAX_FIELDS;
  for (const [key, value] of Object.entries(record)) {
    if (LEFT_OUT.has(key) || value === undefined || value === null || left-- <= 0) continue;
    const name = nameOf(key, record);
    if (name !== null) fields[name] ??= shortened(textOf(value), MAX_VALUE_CHARS);
  }
  return fields;
}

/** `id` beside `signal` is the signal's, as in an envelope. */
function nameOf(key: string, record: LogRecord): string | null {
  if (key === "id" && record["signal"] !== undefined) return "SIGNAL_ID";
  if (Object.hasOwn(KNOWN, key)) return KNOWN[key] ?? null;
  const name = key.replaceAll(/[^a-zA-Z0-9]+/g, "_").toUpperCase();
  return name === "" ? null : PREFIX + name.slice(0, MAX_NAME_CHARS);
}

function addError(fields: Record<string, string>, record: LogRecord): void {
  const error = errorOf(record);
  if (typeof error !== "object" || error === null) return;
  const { type, code, stack } = error as Record<string, unknown>;
  if (typeof type === "string") fields["ERROR_TYPE"] = type;
  if (typeof code === "string") fields["ERROR_CODE"] = code;
  if (typeof stack === "string") fields["ERROR_STACK"] = shortened(stack, MAX_VALUE_CHARS);
}

function errorOf(record: LogRecord): unknown {
  return record["err"] ?? record["error"] ?? record["cause"];
}

/** `Intent routed (file: a.json)`: the constant message, what went wrong, what it is about. */
function messageOf(record: LogRecord): string {
  const { msg } = record;
  const error = errorOf(record);
  const wrong = typeof error === "string" ? error : (error as { message?: unknown } | undefined)?.message;
  const message = typeof msg === "string" && msg !== "" ? msg : "(no message)";
  const head = typeof wrong === "string" && wrong !== "" ? `${message}: ${wrong}` : message;
  return shortened(head, MAX_VALUE_CHARS - MAX_DETAILS_CHARS) + detailsOf(record);
}

function detailsOf(record: LogRecord): string {
  const details = Object.entries(record)
    .filter(([key, value]) => !NOT_IN_MESSAGE.has(key) && value !== undefined && value !== null)
    .map(([key, value]) => `${key}: ${shortened(textOf(value), MAX_DETAIL_CHARS)}`);
  return details.length === 0 ? "" : ` (${shortened(details.join(", "), MAX_DETAILS_CHARS - 3)})`;
}

function textOf(value: unknown): string {
  return typeof value === "string" ? value : JSON.stringify(value);
}

function shortened(text: string, limit: number): string {
  return text.length <= limit ? text : `${text.slice(0, limit - 1)}…`;
}
