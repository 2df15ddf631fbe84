/** What `system:health` and STATUS= say. */
import type { Node, NodeStats } from "@kloros/bus";
import type { DaemonParts } from "../definition.ts";
import type { EventLoopDelay } from "../metrics/event-loop.ts";
import type { LimitOrigins } from "../settings/limit-origins.ts";

export type DaemonState = "starting" | "ready" | "stopping";

export interface Vitals {
  readonly daemon: string;
  readonly home: string;
  readonly state: DaemonState;
  readonly node: Node | null;
  readonly parts: DaemonParts;
  /** Why no watchdog beat is sent, or null. */
  readonly stuck: string | null;
  /** Why limits of the bus are not what they are by default. */
  readonly limits: LimitOrigins;
  /** Over the last minute. */
  readonly eventLoopDelay: () => EventLoopDelay;
}

/** The data of `system:health`; additive changes only. */
export function healthOf(vitals: Vitals): Record<string, unknown> {
  const stats = statsOf(vitals.node);
  return {
    ...vitals.parts.health?.(),
    daemon: vitals.daemon,
    state: vitals.state,
    pid: process.pid,
    uptime_s: Math.round(process.uptime() * 10) / 10,
    rss_bytes: process.memoryUsage.rss(),
    lag: stats?.lag ?? 0,
    status: statusLine(vitals),
    stuck: vitals.stuck,
    home: vitals.home,
    limits: vitals.limits.changed,
    tuned_limits: vitals.limits.tuned,
    event_loop_delay_ms: vitals.eventLoopDelay(),
    stats,
  };
}

/** One live line: what the daemon says of itself, else its figures. */
export function statusLine({ state, parts, node, stuck }: Vitals): string {
  if (stuck !== null) return `stuck: ${stuck}`;
  if (state !== "ready") return state;
  const own = ownLine(parts);
  if (own !== undefined && own !== "") return own;
  const stats = statsOf(node);
  return stats ? `ready; ${stats.emitted} emitted, ${stats.handled} handled, lag ${stats.lag}` : "ready";
}

/** A mistake in a line for people must not end the daemon; it is shown where it is seen. */
function ownLine(parts: DaemonParts): string | undefined {
  try {
    return parts.statusLine?.();
  } catch (cause) {
    return `ready; its status line failed: ${String(cause)}`;
  }
}

function statsOf(node: Node | null): NodeStats | null {
  try {
    return node?.stats() ?? null;
  } catch {
    return null; // Closed in the meantime.
  }
}
