/** One line of a daemon's log as a person reads it along: time, daemon, message, the fields that matter. Pure. */
import { abbreviate } from "../program/abbreviate.ts";
import { clockTime } from "../program/moments.ts";
import type { Paint } from "../program/paint.ts";
import { hueOf, printable, shorten } from "../program/paint.ts";

/** Least room for message and fields, in characters. */
const MIN_REST_CHARS = 40;
/** Room for what went wrong, which is shown whole even where the window is narrow. */
const TROUBLE_CHARS = 2_000;
/** Lines of a stack trace shown for a fatal error; the whole is in the JSON log. */
const MAX_STACK_LINES = 8;
/** What every line carries and nobody wants to read on each. */
const HOUSEKEEPING = new Set([
  "level",
  "time",
  "pid",
  "hostname",
  "name",
  "daemon",
  "msg",
  "message",
  "v",
  "err",
  "error",
  "cause",
  "stack",
]);
/** `[intent_router] Emitted Q_X: {…}`: the form that `grep "Emitted Q_…"` relies on. */
const SIGNAL_LINE = /^\[[\w-]+\] (?<verb>Emitted|Received) (?<signal>Q_[A-Z0-9_]+): (?<facts>\{.*\})$/su;
const LEVEL_NAMES: Readonly<Record<string, number>> = {
  trace: 10,
  debug: 20,
  info: 30,
  warn: 40,
  error: 50,
  fatal: 60,
};

export interface LogRecord {
  readonly time: Date;
  /** pino's numbers: 30 info, 40 warn, 50 error, 60 fatal. */
  readonly level: number;
  readonly message: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Reads a pino line; a line that is none is the message itself. */
export function parseLogLine(line: string, now: Date, levelOfPlainText = 30): LogRecord {
  const parsed = parseObject(line);
  const message = parsed?.["msg"] ?? parsed?.["message"];
  if (!parsed || typeof message !== "string")
    return { time: now, level: levelOfPlainText, message: line, fields: {} };
  return { time: timeOf(parsed["time"], now), level: levelOf(parsed["level"]), message, fields: parsed };
}

export interface LineStyle {
  readonly paint: Paint;
  /** Characters kept free for a daemon's name. */
  readonly nameWidth: number;
  /** How long a line may be; warnings and errors are shown whole. */
  readonly width: number;
}

/** The record as one line (more for a fatal error). */
export function formatLogRecord(
  record: LogRecord,
  daemon: string,
  { paint, nameWidth, width }: LineStyle,
): string {
  const { level, message, fields } = record;
  const time = clockTime(record.time);
  const head = `${paint.dim(time)} ${hueOf(paint, daemon)(daemon.padEnd(nameWidth))} `;
  const room = level >= 40 ? TROUBLE_CHARS : Math.max(MIN_REST_CHARS, width - time.length - nameWidth - 2);
  const signal = SIGNAL_LINE.exec(message)?.groups;
  if (signal) return head + signalRest(signal, fields, paint, room);
  const text = shorten(printable(message), room);
  const extra = Object.entries(fields).filter(
    ([key, value]) => !HOUSEKEEPING.has(key) && value !== undefined,
  );
  const rest = abbreviate(Object.fromEntries(extra), Math.max(0, room - text.length - 2));
  const parts = [levelPaint(level, paint)(text), paint.dim(rest), errorText(record)];
  return head + parts.filter((part) => part !== "").join("  ");
}

function signalRest(
  signal: Readonly<Record<string, string>>,
  fields: Readonly<Record<string, unknown>>,
  paint: Paint,
  room: number,
): string {
  const facts = parseObject(signal["facts"] ?? "") ?? {};
  const received = signal["verb"] === "Received";
  const words = `${received ? "Received" : "Emitted"} ${signal["signal"] ?? ""}`;
  const id = !received && typeof fields["id"] === "string" ? `id=${printable(fields["id"])}` : "";
  const left = Math.max(MIN_REST_CHARS, room - words.length - id.length - 4);
  const parts = [received ? paint.dim(words) : paint.bold(words), abbreviate(facts, left), paint.dim(id)];
  return parts.filter((part) => part !== "").join("  ");
}

function errorText({ level, fields }: LogRecord): string {
  const error = fields["err"] ?? fields["error"] ?? fields["cause"];
  if (typeof error === "string") return printable(error);
  if (typeof error !== "object" || error === null) return "";
  const { message, stack } = error as { message?: unknown; stack?: unknown };
  const lines = level >= 60 && typeof stack === "string" ? stack.split("\n").slice(0, MAX_STACK_LINES) : [];
  if (lines.length > 0) return `\n${lines.map((line) => `    ${printable(line.trimEnd())}`).join("\n")}`;
  return typeof message === "string" ? message.split("\n").map(printable).join("\n    ") : "";
}

function levelPaint(level: number, paint: Paint): (text: string) => string {
  if (level >= 50) return paint.red;
  if (level >= 40) return paint.yellow;
  return level <= 20 ? paint.dim : String;
}

function levelOf(level: unknown): number {
  if (typeof level === "number") return level;
  return typeof level === "string" ? (LEVEL_NAMES[level.toLowerCase()] ?? 30) : 30;
}

function timeOf(time: unknown, now: Date): Date {
  if (typeof time !== "number" && typeof time !== "string") return now;
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? now : date;
}

function parseObject(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
