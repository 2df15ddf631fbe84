/** Time spans in quotes, as lookups take them. Pure. */
const UNITS: Readonly<Record<string, number>> = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };

/** `90s`, `30m`, `1h`, `7d` in milliseconds; null when it is no such span. */
export function spanMs(text: string): number | null {
  const match = /^(\d+(?:\.\d+)?)(s|m|h|d)$/.exec(text);
  const unit = match?.[2] === undefined ? undefined : UNITS[match[2]];
  return match === null || unit === undefined ? null : Number(match[1]) * unit;
}
