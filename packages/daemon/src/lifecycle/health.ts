/** What `system:health` and STATUS= say. */
import type { Node, NodeStats } from "@kloros/bus";
import type { DaemonParts } from "../definition.ts";
import type { EventLoopDelay } from "../metrics/event-loop.ts";
import type { LimitOrigins } from "../settings/limit-origins.ts";
import type { Starts } from "./start-record.ts";

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
  /** null until the journal is open. */
  readonly starts: Starts | null;
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
    starts: vitals.starts,
    paused: vitals.node?.pausedByHand ?? [],
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
  return `${ownLine(parts) || figures(statsOf(node))}${pausedByHand(node)}`;
}

function figures(stats: NodeStats | null): string {
  return stats ? `ready; ${stats.emitted} emitted, ${stats.handled} handled, lag ${stats.lag}` : "ready";
}

/** A person paused it, and may have forgotten. */
function pausedByHand(node: Node | null): string {
  const paused = node?.pausedByHand ?? [];
  return paused.length === 0 ? "" : `; paused by hand: ${paused.map(({ signal }) => signal).join(" ")}`;
}

/** The line for whoever supervises: what the daemon says of itself, and always the counts of the bus. */
export function supervisedLine(vitals: Vitals): string {
  const line = statusLine(vitals);
  const stats = vitals.state === "ready" && vitals.stuck === null ? statsOf(vitals.node) : null;
  if (stats === null) return oneLine(line);
  const paused = stats.paused.length === 0 ? "" : `, paused: ${stats.paused.join(" ")}`;
  const letters = stats.deadLettered === 0 ? "" : `, ${stats.deadLettered} dead-lettered`;
  const counts = `${stats.emitted} emitted, ${stats.handled} handled${letters}, lag ${stats.lag}${paused}`;
  return oneLine(
    line.startsWith("ready; ") ? `ready; ${counts}${pausedByHand(vitals.node)}` : `${line} (${counts})`,
  );
}

function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ");
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
