/**
 * The metrics of one daemon, from its start to its end. The hooks count, `text()` reads everything else at the moment
 * it is asked; an idle daemon that nobody asks does nothing here but measure its event loop.
 *
 * @see docs/metrics.md
 */
import { readFileSync } from "node:fs";
import type { Contracts, Node, NodeHooks, NodeStats } from "@kloros/bus";
import { DAEMON_METRICS, type DaemonMetric } from "./daemon-families.ts";
import { type EventLoopDelay, startEventLoopMonitor } from "./event-loop.ts";
import { renderFamily, type Sample } from "./family.ts";
import { one, processSamples } from "./process-figures.ts";
import { SignalFigures } from "./signal-figures.ts";

const MS_PER_S = 1_000;

/** What only the daemon's life knows. */
export interface MetricSources {
  readonly daemon: string;
  /** null while the node is not open yet. */
  readonly node: () => Node | null;
  readonly ready: () => boolean;
  readonly stuck: () => boolean;
  /** null while its journal is not open yet. */
  readonly starts: () => { readonly count_24h: number; readonly unclean_24h: number } | null;
  /** null before the control socket is open. */
  readonly control: () => ControlFigures | null;
}

/** What the control socket counts. */
export interface ControlFigures {
  readonly connections: number;
  readonly requests: number;
  readonly errors: number;
}

export interface DaemonMetrics {
  /** To be given to the node. */
  readonly hooks: Required<
    Pick<NodeHooks, "onEmitted" | "onReceived" | "onHandled" | "onCommitted" | "onDeadLettered">
  >;
  /** The names that will be counted. */
  know(contracts: Contracts): void;
  /** What the start did to the event loop is no news. */
  started(): void;
  eventLoopDelay(): EventLoopDelay;
  /** All of it in the text format of Prometheus (0.0.4), each series with the label `daemon`. */
  text(): string;
  stop(): void;
}

export function startMetrics(sources: MetricSources): DaemonMetrics {
  const signals = new SignalFigures();
  const loop = startEventLoopMonitor();
  const { onEmitted, onReceived, onHandled, onCommitted, onDeadLettered } = signals;
  return {
    hooks: { onEmitted, onReceived, onHandled, onCommitted, onDeadLettered },
    know: (contracts) => signals.know(contracts, sources.daemon),
    started: () => loop.forget(),
    eventLoopDelay: () => loop.lastMinute(),
    text() {
      const samples = {
        buildInfo: [{ labels: { version: version(), node_version: process.versions.node }, value: 1 }],
        ...lifeSamples(sources),
        ...startSamples(sources.starts()),
        ...signals.samples(),
        ...nodeSamples(sources.node()),
        ...loopSamples(loop.lastMinute()),
        ...processSamples(),
        ...controlSamples(sources.control()),
      };
      return render(samples, sources.daemon);
    },
    stop: () => loop.stop(),
  };
}

function render(samples: Partial<Record<DaemonMetric, readonly Sample[]>>, daemon: string): string {
  const metrics = Object.keys(DAEMON_METRICS) as DaemonMetric[];
  return metrics
    .map((metric) => renderFamily(DAEMON_METRICS[metric], samples[metric] ?? [], { daemon }))
    .join("");
}

type Samples = Partial<Record<DaemonMetric, readonly Sample[]>>;

function lifeSamples({ ready, stuck }: MetricSources): Samples {
  return { ready: one(ready() && !stuck() ? 1 : 0), stuck: one(stuck() ? 1 : 0) };
}

function startSamples(starts: ReturnType<MetricSources["starts"]>): Samples {
  return starts === null
    ? {}
    : { startsLastDay: one(starts.count_24h), uncleanStartsLastDay: one(starts.unclean_24h) };
}

function nodeSamples(node: Node | null): Samples {
  const stats = statsOf(node);
  if (stats === null) return {};
  const paused = (signals: readonly string[], by: string): Sample[] =>
    signals.map((signal) => ({ labels: { signal, by }, value: 1 }));
  const byHand = (node?.pausedByHand ?? []).map(({ signal }) => signal);
  return {
    inbox: one(stats.inbox),
    inFlight: one(stats.inFlight),
    lag: one(stats.lag),
    oldestHandler: one(stats.oldestHandlerMs / MS_PER_S),
    hung: one(stats.hung.length),
    journalWrite: one(stats.journalWriteMs / MS_PER_S),
    journalSize: one(stats.journalBytes),
    journalLimit: one(stats.maxJournalBytes),
    gapsHealed: one(stats.gapsHealed),
    droppedFrames: one(stats.droppedFrames),
    paused: [...paused(stats.paused, "flood"), ...paused(byHand, "hand")],
  };
}

function statsOf(node: Node | null): NodeStats | null {
  try {
    return node?.stats() ?? null;
  } catch {
    return null; // Closed in the meantime.
  }
}

function loopSamples({ p50, p99, max }: EventLoopDelay): Samples {
  return {
    loopDelayP50: one(p50 / MS_PER_S),
    loopDelayP99: one(p99 / MS_PER_S),
    loopDelayMax: one(max / MS_PER_S),
  };
}

function controlSamples(figures: ControlFigures | null): Samples {
  if (figures === null) return {};
  return {
    controlConnections: one(figures.connections),
    controlRequests: one(figures.requests),
    controlErrors: one(figures.errors),
  };
}

let knownVersion: string | undefined;

/** Of the kit, which is released together with everything else. Read when first asked for. */
function version(): string {
  knownVersion ??= (
    JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8")) as { version: string }
  ).version;
  return knownVersion;
}
