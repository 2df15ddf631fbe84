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

/** An axis over the values from `low` to `high` with about `count` ticks at 1, 2 or 5 times a power of ten. */
export function axis(low: number, high: number, count: number, isWhole = false): Axis {
  const [from, to] = low === high ? widened(low, isWhole) : [low, high];
  const step = niceStep((to - from) / count, isWhole);
  const min = isWhole ? from : Math.floor(from / step) * step;
  const max = isWhole ? to : Math.ceil(to / step) * step;
  const first = Math.ceil(min / step);
  const ticks: number[] = [];
  for (let index = first; index * step <= max + step / 1e6; index++) ticks.push(index * step);
  return { min, max, ticks, label: (tick) => written(tick, step) };
}

function widened(value: number, isWhole: boolean): [number, number] {
  if (isWhole) return [value - 1, value + 1];
  const by = Math.abs(value) * WIDENING || 1;
  return [value - by, value + by];
}

function niceStep(rough: number, isWhole: boolean): number {
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? rough;
  return isWhole ? Math.max(1, Math.round(step)) : step;
}

function written(tick: number, step: number): string {
  const size = Math.max(Math.abs(tick), step);
  if (size >= LARGE || size < SMALL)
    return tick === 0 ? "0" : tick.toExponential(digitsOf(size / step)).replace("e+", "e");
  const decimals = Math.max(0, -Math.floor(Math.log10(step) + 1e-9));
  return tick === 0 ? "0" : tick.toFixed(decimals);
}

/** Digits behind the point that tell neighbours apart. */
function digitsOf(steps: number): number {
  return Math.min(6, Math.max(0, Math.ceil(Math.log10(steps) - 1e-9)));
}
