/** Time spans and amounts of bytes as people write them: `15m`, `512MiB`. Pure. */

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
  TB: 1000 ** 4,
  TiB: 1024 ** 4,
};

/** `90s` → 90,000 milliseconds; undefined when it is no time span. A bare number has no unit, and only 0 needs none. */
export function toMilliseconds(value: unknown): number | undefined {
  if (value === 0) return 0;
  return typeof value === "string" ? amount(value, MILLISECONDS) : undefined;
}

/** `1MiB` and 1048576 → 1,048,576 bytes; undefined when it is no amount. */
export function toBytes(value: unknown): number | undefined {
  if (typeof value === "number") return Number.isSafeInteger(value) ? value : undefined;
  return typeof value === "string" ? amount(value, BYTES) : undefined;
}

/** 90,000 → `90s`: the largest unit that says it exactly. */
export function formatMilliseconds(milliseconds: number): string {
  return format(milliseconds, MILLISECONDS);
}

/** 1,048,576 → `1MiB`. */
export function formatBytes(bytes: number): string {
  return format(bytes, { B: 1, KiB: 1024, MiB: 1024 ** 2, GiB: 1024 ** 3 });
}

function amount(text: string, units: Readonly<Record<string, number>>): number | undefined {
  const match = /^\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*$/.exec(text);
  const factor = match?.[2] === undefined || !Object.hasOwn(units, match[2]) ? undefined : units[match[2]];
  if (match?.[1] === undefined || factor === undefined) return undefined;
  return Math.round(Number(match[1]) * factor);
}

function format(value: number, units: Readonly<Record<string, number>>): string {
  if (value === 0) return "0";
  const exact = Object.entries(units).filter(([, factor]) => value % factor === 0);
  const [unit, factor] = exact.at(-1) ?? ["", 1];
  return `${value / factor}${unit}`;
}
