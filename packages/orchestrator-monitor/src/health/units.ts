/** The units of checks: how thresholds are written, and how values are shown. Pure. */
import { formatBytes, formatMilliseconds, toBytes, toMilliseconds } from "@kloros/daemon";

/** Spans are in milliseconds. */
export type Unit = "percent" | "bytes" | "span" | "signals" | "letters" | "starts";

const SECOND_MS = 1_000;
const KIB = 1_024;

/** A value as settings write it; undefined: it is none of this unit. */
export function readAmount(text: string, unit: Unit): number | undefined {
  switch (unit) {
    case "span":
      return toMilliseconds(text);
    case "bytes":
      return toBytes(text);
    case "percent": {
      const match = /^\s*(\d+(?:\.\d+)?)\s*%\s*$/.exec(text);
      const value = Number(match?.[1] ?? Number.NaN);
      return value >= 0 && value <= 100 ? value : undefined;
    }
    default:
      return /^\s*\d{1,12}\s*$/.test(text) ? Number(text) : undefined;
  }
}

/** What a value of this unit looks like, for messages. */
export const EXAMPLES: Readonly<Record<Unit, string>> = {
  percent: "80%/75%",
  bytes: "1GiB/768MiB",
  span: "45s/30s",
  signals: "5000/1000",
  letters: "10/5",
  starts: "5/2",
};

/** `85%`, `1.2 GiB`, `3.5 min`, `12 letters`. */
export function amountWords(value: number, unit: Unit): string {
  switch (unit) {
    case "percent":
      return `${round(value)}%`;
    case "bytes":
      return bytesWords(value);
    case "span":
      return spanWords(value);
    default:
      return `${round(value)} ${unit}`;
  }
}

/** A threshold, exactly as it was set. */
export function thresholdWords(value: number, unit: Unit): string {
  if (unit === "span") return formatMilliseconds(value);
  return unit === "bytes" ? formatBytes(value) : amountWords(value, unit);
}

/** `250 ms`, `12 s`, `5 min`, `3.5 h`, `2 d`. */
export function spanWords(ms: number): string {
  if (ms < SECOND_MS) return `${Math.round(ms)} ms`;
  if (ms < 120 * SECOND_MS) return `${round(ms / SECOND_MS)} s`;
  if (ms < 7_200 * SECOND_MS) return `${round(ms / 60_000)} min`;
  return ms < 172_800 * SECOND_MS ? `${round(ms / 3_600_000)} h` : `${round(ms / 86_400_000)} d`;
}

function bytesWords(bytes: number): string {
  if (bytes < KIB) return `${bytes} B`;
  const power = Math.min(4, Math.floor(Math.log2(bytes) / 10));
  return `${round(bytes / KIB ** power)} ${["B", "KiB", "MiB", "GiB", "TiB"][power] ?? "B"}`;
}

function round(value: number): string {
  return String(Math.round(value * 10) / 10);
}
