/**
 * Points in time that survive a restart and do not move with the wall clock (P10): kept on the machine's monotonic clock, which all
 * processes of one boot share. After a reboot the wall clock is all there is, held within what was allowed at first.
 */

export interface MachineTime {
  /** Names the boot that `monotonicMs` counts from. */
  readonly boot_id: string;
  readonly monotonicMs: number;
  /** Unix milliseconds. */
  readonly wallMs: number;
}

export interface StoredDeadline {
  readonly boot_id: string;
  readonly monotonic_ms: number;
  readonly wall_ms: number;
  /** Time there was when it was stored, in milliseconds. */
  readonly allowed_ms: number;
}

/**
 * The point of time `deadlineAt`, asked for at `askedAt` (both RFC 3339 and by the asker's clock). A clock that was set back since cannot
 * make the time longer than it was meant to be.
 */
export function storeDeadline(deadlineAt: string, askedAt: string, now: MachineTime): StoredDeadline {
  const wall_ms = Date.parse(deadlineAt);
  const meantMs = Math.max(0, wall_ms - Date.parse(askedAt));
  const allowed_ms = Math.max(0, Math.min(wall_ms - now.wallMs, meantMs));
  return { boot_id: now.boot_id, monotonic_ms: now.monotonicMs + allowed_ms, wall_ms, allowed_ms };
}

/** The present. */
export function storeNow(now: MachineTime): StoredDeadline {
  return { boot_id: now.boot_id, monotonic_ms: now.monotonicMs, wall_ms: now.wallMs, allowed_ms: 0 };
}

/** Milliseconds until then; below 0: past. */
export function untilMs(stored: StoredDeadline, now: MachineTime): number {
  if (stored.boot_id === now.boot_id) return stored.monotonic_ms - now.monotonicMs;
  return Math.min(stored.wall_ms - now.wallMs, stored.allowed_ms);
}
