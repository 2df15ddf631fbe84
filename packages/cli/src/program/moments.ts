/** Times and durations as people write and read them. */
import { usageError } from "./errors.ts";

const UNITS: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90`, `90s`, `5m`, `2h`, `1d`, `250ms` in milliseconds; a bare number is seconds. @throws {CommandError} */
export function parseDuration(text: string): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h|d)?$/u.exec(text.trim());
  const factor = UNITS[match?.[2] ?? "s"];
  if (!match || factor === undefined)
    throw usageError(`not a duration: "${text}" (write for example 30s, 5m, 2h, 1d)`);
  return Number(match[1]) * factor;
}

/** A duration back from `nowMs`, or a timestamp, as Unix milliseconds. @throws {CommandError} */
export function parseSince(text: string, nowMs: number): number {
  if (/^\d+(?:\.\d+)?(ms|s|m|h|d)?$/u.test(text.trim())) return nowMs - parseDuration(text);
  const at = Date.parse(text);
  if (Number.isNaN(at))
    throw usageError(`not a time: "${text}" (write for example 10m, 2h, or 2026-01-31T12:00:00Z)`);
  return at;
}

/** `12ms`, `1.24s`, `3m12s`, `2h05m`, `4d03h`. */
export function formatDuration(ms: number): string {
  const sign = ms < 0 ? "-" : "";
  const span = Math.abs(ms);
  if (span < 1_000) return `${sign}${String(Math.round(span))}ms`;
  if (span < 60_000) return `${sign}${(span / 1_000).toFixed(span < 10_000 ? 2 : 1)}s`;
  const seconds = Math.round(span / 1_000);
  if (seconds < 3_600) return `${sign}${pair(seconds, 60, "m", "s")}`;
  if (seconds < 86_400) return `${sign}${pair(Math.round(seconds / 60), 60, "h", "m")}`;
  return `${sign}${pair(Math.round(seconds / 3_600), 24, "d", "h")}`;
}

function pair(total: number, base: number, large: string, small: string): string {
  const rest = String(total % base).padStart(2, "0");
  return `${String(Math.floor(total / base))}${large}${rest}${small}`;
}

/** Local time of day with milliseconds, for reading along. */
export function clockTime(date: Date): string {
  const part = (value: number, width = 2): string => String(value).padStart(width, "0");
  return `${part(date.getHours())}:${part(date.getMinutes())}:${part(date.getSeconds())}.${part(date.getMilliseconds(), 3)}`;
}
