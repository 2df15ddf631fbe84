/**
 * How long something has been going on, across restarts and whatever is done to the wall clock (P10): the machine's own
 * monotonic clock, which all processes share, together with the boot that it counts from. Time during which the machine
 * was off is not counted.
 */
import { readFileSync } from "node:fs";
import { randomUUID } from "node:crypto";

export interface MachineClock {
  /** Changes when the machine is started anew; monotonic times of different boots cannot be compared. */
  readonly bootId: string;
  /** Milliseconds since then. */
  readonly monotonicMs: () => number;
  /** Unix milliseconds. */
  readonly wallMs: () => number;
}

/** Where a durable stop watch stands. */
export interface ClockMark {
  readonly boot_id: string;
  /** Monotonic time of that boot at which it stood at `before_ms`. */
  readonly since_ms: number;
  readonly before_ms: number;
}

const NANOSECONDS_PER_MS = 1_000_000;

export function machineClock(): MachineClock {
  return {
    bootId: bootId(),
    monotonicMs: () => Number(process.hrtime.bigint()) / NANOSECONDS_PER_MS,
    wallMs: () => Date.now(),
  };
}

/** A stop watch that begins now. */
export function startMark(clock: MachineClock): ClockMark {
  return { boot_id: clock.bootId, since_ms: clock.monotonicMs(), before_ms: 0 };
}

/** Elapsed milliseconds; never negative. After a reboot: those that had been noted before it, until `renewed`. */
export function elapsedMs(mark: ClockMark, clock: MachineClock): number {
  if (mark.boot_id !== clock.bootId) return mark.before_ms;
  return mark.before_ms + Math.max(0, clock.monotonicMs() - mark.since_ms);
}

/** The same stop watch, noted down now. */
export function renewed(mark: ClockMark, clock: MachineClock): ClockMark {
  return { boot_id: clock.bootId, since_ms: clock.monotonicMs(), before_ms: elapsedMs(mark, clock) };
}

function bootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return randomUUID(); // Without a boot's name every process is a boot of its own: downtime is then not counted.
  }
}
