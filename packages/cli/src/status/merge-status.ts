/** One daemon's status from what the supervisor knows and what the daemon itself says. Pure. */
import type { DaemonState, SupervisedStatus } from "../supervisor/status.ts";

/** One daemon in `kloros status --json`. */
export interface DaemonStatus {
  readonly name: string;
  readonly state: DaemonState;
  readonly pid: number | null;
  readonly restarts: number;
  readonly uptime_s: number;
  readonly rss_bytes: number;
  /** Signals known to exist at emitters and not finished here. */
  readonly lag: number;
  /** The daemon's own words, or why it does not run. */
  readonly detail: string;
}

/** The members of `system:health` that are used here. */
export interface Health {
  readonly state: "starting" | "ready" | "stopping";
  readonly pid: number;
  readonly uptime_s: number;
  readonly rss_bytes: number;
  readonly lag: number;
  readonly status: string;
  /** The policy engine's: whether policies.yaml, as it lies there, is in force. */
  readonly policies?: { readonly is_valid: boolean; readonly problems: readonly string[] };
}

/** What systemd knows of it. */
export interface UnitSeen {
  readonly name: string;
  /** `active`, `inactive`, `failed`, `activating`, … */
  readonly active: string;
  /** By systemd itself, since the last start by hand. */
  readonly restarts: number;
}

/** `supervised` is missing without `kloros up`, `health` when the daemon does not answer, `unit` where it has none. */
export function mergeStatus(
  name: string,
  supervised: SupervisedStatus | undefined,
  health: Health | undefined,
  unit?: UnitSeen,
): DaemonStatus {
  const { state, detail } = judge(supervised, health, unit);
  return {
    name,
    state,
    pid: health?.pid ?? supervised?.pid ?? null,
    restarts: supervised?.restarts ?? unit?.restarts ?? 0,
    uptime_s: health?.uptime_s ?? supervised?.uptime_s ?? 0,
    rss_bytes: health?.rss_bytes ?? 0,
    lag: health?.lag ?? 0,
    detail,
  };
}

function judge(
  supervised: SupervisedStatus | undefined,
  health: Health | undefined,
  unit: UnitSeen | undefined,
): { state: DaemonState; detail: string } {
  if (health) {
    const state = health.state === "stopping" ? "stopped" : health.state;
    return { state, detail: health.state === "stopping" ? "stopping" : health.status };
  }
  if (!supervised) return judgeUnit(unit);
  if (supervised.state !== "ready") return { state: supervised.state, detail: supervised.reason };
  return { state: "failed", detail: "runs, but does not answer" };
}

function judgeUnit(unit: UnitSeen | undefined): { state: DaemonState; detail: string } {
  switch (unit?.active) {
    case "failed":
      return { state: "failed", detail: `has failed; journalctl -u ${unit.name} -n 20` };
    case "activating":
      return { state: "starting", detail: `systemd starts it; journalctl -u ${unit.name} -n 20` };
    case "active":
      return { state: "failed", detail: "runs, but does not answer" };
    default:
      return { state: "stopped", detail: "" };
  }
}
