/**
 * The checks: what each is called, in which unit it is measured, when it is told by default. From this table come the settings
 * `check_…`, the rows of `health:checks` and the names of alerts.
 */
import type { Unit } from "./units.ts";

export interface Check {
  /** The alert's `alert_type`. */
  readonly alert: string;
  readonly unit: Unit;
  /** Thresholds `rise/fall` of warning and critical; `-`: there is no such level. */
  readonly thresholds: readonly [string, string];
  /**
   * Whether the value has to stay beyond a threshold for `health_sustain`. Not so where it is a span that has passed, or a
   * count over a window: that is sustained by itself.
   */
  readonly sustained: boolean;
  /** What it measures, for the settings table. */
  readonly description: string;
  /** What to do about it; `restart`: `restart_<package>` of the daemon it is about. */
  readonly action: string;
}

export const CHECKS = {
  disk_space: {
    alert: "disk_space_low",
    unit: "percent",
    thresholds: ["80%/75%", "90%/85%"],
    sustained: true,
    description: "Space in use on the disk of the home",
    action: "free_disk_space",
  },
  disk_inodes: {
    alert: "disk_inodes_low",
    unit: "percent",
    thresholds: ["80%/75%", "90%/85%"],
    sustained: true,
    description: "Inodes in use on the disk of the home, where it has a limit of them",
    action: "remove_small_files",
  },
  memory: {
    alert: "memory_low",
    unit: "percent",
    thresholds: ["90%/85%", "96%/92%"],
    sustained: true,
    description: "Memory of the machine that is not available",
    action: "free_memory",
  },
  daemon_memory: {
    alert: "daemon_memory_high",
    unit: "bytes",
    thresholds: ["1GiB/768MiB", "2GiB/1536MiB"],
    sustained: true,
    description: "Memory of one daemon (resident set)",
    action: "restart",
  },
  heartbeat: {
    alert: "daemon_unresponsive",
    unit: "span",
    thresholds: ["45s/20s", "2m/20s"],
    sustained: false,
    description: "Time since a daemon that is meant to run has answered",
    action: "restart",
  },
  stuck: {
    alert: "daemon_stuck",
    unit: "span",
    thresholds: ["-", "30s/0s"],
    sustained: false,
    description: "Time for which a daemon has said of itself that it makes no progress",
    action: "restart",
  },
  lag_age: {
    alert: "consumer_lag",
    unit: "span",
    thresholds: ["15m/5m", "1h/30m"],
    sustained: false,
    description: "Age of the oldest signal that waits for a daemon (at least so old)",
    action: "look_at_the_consumer",
  },
  lag_growth: {
    alert: "consumer_lag_growing",
    unit: "signals",
    thresholds: ["5000/1000", "50000/10000"],
    sustained: false,
    description: "Growth of a daemon's lag over five minutes",
    action: "look_at_the_consumer",
  },
  dead_letters: {
    alert: "dead_letters",
    unit: "letters",
    thresholds: ["10/5", "100/50"],
    sustained: false,
    description: "Dead letters within `dead_letter_window`; those of alerts do not count",
    action: "chem-bus dead list --group",
  },
  restarts: {
    alert: "daemon_restarts",
    unit: "starts",
    thresholds: ["5/3", "20/10"],
    sustained: false,
    description: "Starts of one daemon within a day that followed a crash or a kill",
    action: "look_at_the_log",
  },
  event_loop_delay: {
    alert: "event_loop_delay",
    unit: "span",
    thresholds: ["250ms/100ms", "2s/500ms"],
    sustained: true,
    description: "Delay of a daemon's event loop (99th percentile of the last minute)",
    action: "restart",
  },
  bus_silence: {
    alert: "bus_silent",
    unit: "span",
    thresholds: ["2h/1m", "-"],
    sustained: false,
    description:
      "Time since any daemon but the monitor has emitted anything; alerts and what follows from them do not count",
    action: "look_at_the_intake",
  },
  journal_size: {
    alert: "journal_large",
    unit: "percent",
    thresholds: ["70%/60%", "90%/80%"],
    sustained: false,
    description: "A daemon's journal, of its `limits.max_journal_bytes`",
    action: "start or remove the consumer that lags, or raise limits.max_journal_bytes",
  },
  flood_pause: {
    alert: "handlers_paused",
    unit: "span",
    thresholds: ["2m/0s", "-"],
    sustained: false,
    description: "Time for which a daemon has had a handler paused by a flood of identical failures",
    action: "chem-bus dead list --group",
  },
  hand_pause: {
    alert: "signal_paused_by_hand",
    unit: "span",
    thresholds: ["1h/0s", "-"],
    sustained: false,
    description: "Time for which a signal's handling has been paused by hand",
    action: "signal:resume",
  },
} as const satisfies Readonly<Record<string, Check>>;

export type CheckName = keyof typeof CHECKS;
export const CHECK_NAMES = Object.keys(CHECKS) as readonly CheckName[];

export function checkOf(name: CheckName): Check {
  return CHECKS[name];
}
