/**
 * The clock by which entries expire: milliseconds that go on across restarts and never back, so that a wall clock which is set
 * neither kills an entry early nor keeps it (P10). While the process runs it is the monotonic clock; across a restart the
 * machine's uptime tells how long it was down; across a reboot only the wall clock can, and less than nothing counts as nothing.
 */
import { readFileSync } from "node:fs";

/** What is kept to go on from. */
export interface ClockReading {
  readonly ms: number;
  readonly wall_ms: number;
  readonly boot_id: string;
  readonly uptime_ms: number;
}

export type Moment = Omit<ClockReading, "ms">;

/** Where the clock stands now, having stood at `saved`. */
export function resumedMs(saved: ClockReading | undefined, now: Moment): number {
  if (saved === undefined) return 0;
  const isSameBoot = saved.boot_id === now.boot_id && now.boot_id !== "";
  const wentByMs = isSameBoot ? now.uptime_ms - saved.uptime_ms : now.wall_ms - saved.wall_ms;
  return saved.ms + Math.max(0, wentByMs);
}

export interface ClockSources {
  readonly moment: () => Moment;
  /** Milliseconds that only go forward. */
  readonly elapsedMs: () => number;
}

export class KitClock {
  readonly #sources: ClockSources;
  readonly #startedAt: number;
  readonly #startMs: number;

  constructor(saved: ClockReading | undefined, sources: ClockSources = SYSTEM) {
    this.#sources = sources;
    this.#startedAt = sources.elapsedMs();
    this.#startMs = resumedMs(saved, sources.moment());
  }

  now(): number {
    return Math.round(this.#startMs + this.#sources.elapsedMs() - this.#startedAt);
  }

  wall(): number {
    return this.#sources.moment().wall_ms;
  }

  reading(): ClockReading {
    return { ms: this.now(), ...this.#sources.moment() };
  }
}

const SYSTEM: ClockSources = { moment: momentNow, elapsedMs: () => performance.now() };

function momentNow(): Moment {
  return {
    wall_ms: Date.now(),
    boot_id: fileText("/proc/sys/kernel/random/boot_id").trim(),
    uptime_ms: Math.round(Number(fileText("/proc/uptime").split(" ")[0]) * 1_000),
  };
}

function fileText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // A sandbox without /proc: the wall clock has to do.
  }
}
