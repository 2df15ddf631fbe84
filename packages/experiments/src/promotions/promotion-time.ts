/** Times of promotions: RFC 3339, the same without an offset (as Python's `isoformat()` writes it, taken as UTC), or Unix seconds. */
import { isTimestamp } from "@kloros/bus";

/** End of the year 9999, in Unix seconds: what is later cannot be written as RFC 3339, and is rather milliseconds. */
const LAST_SECOND = 253_402_300_799;

/** Milliseconds since 1970; null when the value is no time. */
export function promotionTimeMs(value: unknown): number | null {
  if (typeof value === "number") return value >= 0 && value <= LAST_SECOND ? value * 1000 : null;
  if (typeof value !== "string" || value.length > 64) return null;
  const upper = value
    .trim()
    .toUpperCase()
    .replace(/^(\d{4}-\d\d-\d\d) /, "$1T");
  const text = /(?:Z|[+-]\d\d:\d\d)$/.test(upper) ? upper : `${upper}Z`;
  if (!isTimestamp(text)) return null;
  const ms = Date.parse(text.replace(/:60(?=[.Z+-])/, ":59")); // A leap second; JavaScript has none.
  return Number.isFinite(ms) ? ms : null;
}

/** The time itself; null beyond the year 9999, which no clock will show. */
export function withinCalendar(ms: number): number | null {
  return ms >= 0 && ms <= LAST_SECOND * 1000 ? ms : null;
}
