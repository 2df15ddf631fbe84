/** Where an axis has its marks, and what stands beside them. Pure. */

export interface Axis {
  readonly min: number;
  readonly max: number;
  /** Ascending, inside the axis. */
  readonly ticks: readonly number[];
  readonly label: (tick: number) => string;
}

/** Numbers from here on, or below the other, are written with an exponent. */
const LARGE = 1e6;
const SMALL = 1e-4;
/** Share by which a range that is a single value is widened, so that there is an axis at all. */
const WIDENING = 0.05;

/** Numbers beyond this cannot be told apart from it on any axis, and their differences would overflow. */
const LARGEST = 1e300;
/** A range that is a smaller share of its numbers is as good as a single value: doubles end there. */
const SMALLEST_SHARE = 1e-12;
const MAX_TICKS = 24;
/** Room beyond the outermost values, as a share of the range. */
const MARGIN = 0.04;

/** An axis over the values from `low` to `high` with about `count` ticks at 1, 2 or 5 times a power of ten. */
export function axis(low: number, high: number, count: number, isWhole = false): Axis {
  const [from, to] = range(limited(low), limited(high), isWhole);
  const step = niceStep((to - from) / count, isWhole);
  const margin = isWhole ? 0 : (to - from) * MARGIN;
  const [min, max] = [from - margin, to + margin];
  const first = Math.ceil(min / step);
  const ticks = Array.from({ length: MAX_TICKS }, (_, index) => (first + index) * step);
  return {
    min,
    max,
    ticks: ticks.filter((tick) => tick <= max + step / 1e6),
    label: (tick) => written(tick, step),
  };
}

function limited(value: number): number {
  return Math.min(LARGEST, Math.max(-LARGEST, value));
}

function range(low: number, high: number, isWhole: boolean): [number, number] {
  const size = Math.max(Math.abs(low), Math.abs(high));
  if (high - low > Math.max(size * SMALLEST_SHARE, 1 / LARGEST)) return [low, high];
  if (isWhole) return [low - 1, low + 1];
  const by = size > 1 / LARGEST ? size * WIDENING : 1;
  return [low - by, low + by];
}

function niceStep(rough: number, isWhole: boolean): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  return isWhole ? Math.max(1, Math.round(step)) : step;
}

function written(tick: number, step: number): string {
  const size = Math.max(Math.abs(tick), step);
  if (size >= LARGE || size < SMALL)
    return tick === 0 ? "0" : tick.toExponential(digitsOf(tick, step)).replace("e+", "e");
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return tick === 0 ? "0" : tick.toFixed(decimals);
}

/** Digits behind the point that tell neighbours apart. */
function digitsOf(tick: number, step: number): number {
  const digits = Math.floor(Math.log10(Math.abs(tick))) - Math.floor(Math.log10(step) + 1e-9);
  return Math.min(6, Math.max(0, digits));
}
