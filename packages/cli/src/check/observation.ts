/** What is looked at before a verdict, as plain data. No code here; `observe.ts` gathers it, `judge.ts` weighs it. */

/** The members of `system:health` that count here; older daemons have fewer. */
export interface ObservedHealth {
  readonly state: "starting" | "ready" | "stopping";
  readonly uptime_s: number;
  readonly lag: number;
  readonly stuck?: string | null;
  readonly stats?: { readonly paused?: readonly string[] } | null;
  /** Paused by hand. */
  readonly paused?: readonly { readonly signal: string }[];
  readonly event_loop_delay_ms?: { readonly p99: number };
  readonly starts?: { readonly unclean_24h: number } | null;
  /** The policy engine's. */
  readonly policies?: { readonly is_valid: boolean };
}

export interface ObservedDaemon {
  readonly name: string;
  /** null: it did not answer in time. */
  readonly health: ObservedHealth | null;
  /** What `kloros up` says of it; null without. */
  readonly supervised: { readonly state: string; readonly phase: string; readonly reason: string } | null;
}

/** One row of the monitor's `health:checks`. */
export interface MonitorRow {
  readonly check: string;
  readonly subject: string;
  readonly level: string;
  readonly text?: string;
  readonly detail?: string | null;
}

/** The monitor's answer; null: it does not run, or does not know the question. */
export interface MonitorChecks {
  /** RFC 3339; null: not looked yet. */
  readonly looked_at: string | null;
  readonly interval_ms: number;
  readonly checks: readonly MonitorRow[];
}

export interface Observation {
  readonly daemons: readonly ObservedDaemon[];
  /** Unresolved, of the daemons that are looked at; null: the file cannot be read. */
  readonly deadLetters: number | null;
  readonly monitor: MonitorChecks | null;
  readonly maintenance: boolean;
  /** Unix time in milliseconds. */
  readonly nowMs: number;
}
