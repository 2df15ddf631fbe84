/** Time spans and amounts of bytes as people write them. */

const MILLISECONDS: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const BYTES: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1000,
  KiB: 1024,
  MB: 1000 ** 2,
  MiB: 1024 ** 2,
  GB: 1000 ** 3,
  GiB: 1024 ** 3,
  TiB: 1024 ** 4,
};

/** `90s` → 90,000 milliseconds; undefined when it is no time span. A bare `0` needs no unit. */
export function toMilliseconds(text: string): number | undefined {
  return toAmount(text, MILLISECONDS);
}

/** `1MiB` → 1,048,576 bytes; undefined when it is no amount. */
export function toBytes(text: string): number | undefined {
  return /^\s*\d+\s*$/.test(text) ? Number(text) : toAmount(text, BYTES);
}

/** 90,000 → `90s`: the largest unit that says it exactly. */
export function formatMilliseconds(milliseconds: number): string {
  return format(milliseconds, MILLISECONDS);
}

/** 1,048,576 → `1MiB`. */
export function formatBytes(bytes: number): string {
  return format(bytes, { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 });
}

function toAmount(text: string, units: Readonly<Record<string, number>>): number | undefined {
  if (text.trim() === "0") return 0;
  const match = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*$/.exec(text);
  const factor = match?.[2] === undefined ? undefined : units[match[2]];
  if (match?.[1] === undefined || factor === undefined) return undefined;
  return Math.round(Number(match[1]) * factor);
}

function format(value: number, units: Readonly<Record<string, number>>): string {
  if (value === 0) return "0";
  const exact = Object.entries(units).filter(([, factor]) => value % factor === 0);
  const [unit, factor] = exact.at(-1) ?? ["", 1];
  return `${value / factor}${unit}`;
}
