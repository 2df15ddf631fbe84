/**
 * The engine's own clock: milliseconds that go on across restarts and never back. Cooldowns, rates, delays and flights are
 * measured on it, so a wall clock that is set back an hour neither blocks them for an hour more nor opens them (P10).
 *
 * While the daemon runs, it is the monotonic clock. Across a restart, the machine's uptime tells how long it was down; across
 * a reboot only the wall clock can, and a time that ran backwards meanwhile counts as none.
 */
import { readFileSync } from "node:fs";
import { uptime } from "node:os";

/** What is kept in durable state to go on from. */
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
  const sameBoot = saved.boot_id === now.boot_id && now.boot_id !== "";
  const wentBy = sameBoot ? now.uptime_ms - saved.uptime_ms : now.wall_ms - saved.wall_ms;
  return saved.ms + Math.max(0, wentBy);
}

export class EngineClock {
  readonly #startMs: number;
  readonly #startedAt: number;
  readonly #moment: () => Moment;

  constructor(saved: ClockReading | undefined, moment: () => Moment = momentNow) {
    this.#moment = moment;
    this.#startedAt = performance.now();
    this.#startMs = resumedMs(saved, moment());
  }

  now(): number {
    return Math.round(this.#startMs + performance.now() - this.#startedAt);
  }

  reading(): ClockReading {
    return { ms: this.now(), ...this.#moment() };
  }
}

export function momentNow(): Moment {
  return {
    wall_ms: Date.now(),
    boot_id: fileText("/proc/sys/kernel/random/boot_id").trim(),
    uptime_ms: uptimeMs(),
  };
}

function uptimeMs(): number {
  const seconds = Number(fileText("/proc/uptime").split(" ")[0]);
  return Math.round((seconds > 0 ? seconds : uptime()) * 1_000);
}

function fileText(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return ""; // Not Linux, or a sandbox without /proc: the wall clock has to do.
  }
}
