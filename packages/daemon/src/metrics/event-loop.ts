/**
 * How late the event loop is, over the last minute. The native timer of `perf_hooks` measures without running any
 * JavaScript. The minute is looked at in slices, and the worst slice is told: what was slow for twenty seconds shows.
 */
import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";

/** Between two looks, in milliseconds: a block this long is always seen, and an idle process hardly notices. */
const RESOLUTION_MS = 50;
/** Length of a slice, in milliseconds … */
const SLICE_MS = 20_000;
/** … of which so many are kept besides the current one: at least 40 s, at most a minute. */
const OLD_SLICES = 2;
const NS_PER_MS = 1e6;

/** In milliseconds. */
export interface EventLoopDelay {
  /** Median of the worst slice. */
  readonly p50: number;
  /** What 99 of 100 looks of the worst slice stayed below. */
  readonly p99: number;
  readonly max: number;
}

export interface EventLoopMonitor {
  lastMinute(): EventLoopDelay;
  /** Begins anew. */
  forget(): void;
  stop(): void;
}

export function startEventLoopMonitor(): EventLoopMonitor {
  const current = monitorEventLoopDelay({ resolution: RESOLUTION_MS });
  const slices: EventLoopDelay[] = [];
  current.enable();
  const timer = setInterval(() => {
    slices.push(delayOf(current));
    current.reset();
    if (slices.length > OLD_SLICES) slices.shift();
  }, SLICE_MS).unref();
  return {
    lastMinute: () => [...slices, delayOf(current)].reduce(worse),
    forget() {
      slices.length = 0;
      current.reset();
    },
    stop() {
      clearInterval(timer);
      current.disable();
    },
  };
}

function worse(a: EventLoopDelay, b: EventLoopDelay): EventLoopDelay {
  return { p50: Math.max(a.p50, b.p50), p99: Math.max(a.p99, b.p99), max: Math.max(a.max, b.max) };
}

function delayOf(looks: IntervalHistogram): EventLoopDelay {
  if (looks.count === 0) return { p50: 0, p99: 0, max: 0 };
  return {
    p50: delayMs(looks.percentile(50)),
    p99: delayMs(looks.percentile(99)),
    max: delayMs(looks.max),
  };
}

/** What is measured is the time between two looks. */
function delayMs(betweenNs: number): number {
  return Math.max(0, Math.round((betweenNs / NS_PER_MS - RESOLUTION_MS) * 10) / 10);
}
