/** A gate as it stands at one moment, and what gates look at. No code. */
import type { Remembered } from "../cel/lookups.ts";
import type { QuietHours } from "./quiet-hours.ts";

export type GateName =
  | "maintenance"
  | "quiet_hours"
  | "presence"
  | "delay"
  | "in_flight"
  | "not_during"
  | "cooldown"
  | "rate"
  | "breaker"
  | "disk_free"
  | "memory_free"
  | "load";

export interface GateState {
  readonly gate: GateName;
  readonly open: boolean;
  /** In a sentence. */
  readonly reason: string;
  /** When it opens, in milliseconds from now; null: open, or only a change can tell. */
  readonly opensInMs: number | null;
}

export interface Resources {
  readonly disk_free_bytes: number;
  readonly disk_free_percent: number;
  readonly disk_total_bytes: number;
  readonly memory_free_bytes: number;
  readonly memory_total_bytes: number;
  /** One-minute load average. */
  readonly load1: number;
  readonly cpus: number;
}

export type Presence = "present" | "absent" | "unknown";

/** Everything around a decision that is not the signal. */
export interface World {
  /** Wall clock: for people, and for quiet hours. */
  readonly now: Date;
  /** The engine's own clock in milliseconds: goes on across restarts, never back. All waiting is measured on it. */
  readonly clockMs: number;
  readonly resources: Resources;
  readonly presence: Presence;
  readonly isMaintenance: boolean;
  readonly quietHours: QuietHours | null;
}

/** What gates want to know of the past. */
export interface Past {
  history(signal: string): readonly Remembered[];
  /** When the rule emitted, on the engine's clock, oldest first. */
  spawns(rule: string): readonly number[];
  /** Last emission of rule and key on the engine's clock. */
  lastSpawn(rule: string, key: string): number | null;
  flights(signal: string): readonly Flight[];
}

/** A signal with an expectation that nothing has ended yet. */
export interface Flight {
  readonly signal: string;
  readonly id: string;
  readonly correlation_id: string;
  /** Value of the expectation's match field, null where it has none. */
  readonly match: unknown;
  readonly facts: Readonly<Record<string, unknown>> | null;
  readonly sinceMs: number;
  /** From then on it is held for lost. */
  readonly expiresMs: number;
  readonly isOpen: boolean;
}
