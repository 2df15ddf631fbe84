/** The signals that a daemon emits and receives, as they come. For looking on; a daemon that must not miss one is a consumer. */
import type { DaemonLink } from "../link/daemon-link.ts";
import { isRecord } from "../answers/results.ts";
import { type Missed, openStream, type Stream, type StreamOptions } from "./stream.ts";

/** The envelope of a signal as it was seen; `facts` is left out when they were not asked for. */
export interface SeenSignal {
  readonly signal: string;
  readonly id: string;
  readonly timestamp: string;
  readonly source: string;
  readonly correlation_id: string;
  readonly causation_id: string | null;
  readonly facts?: Readonly<Record<string, unknown>>;
  readonly [member: string]: unknown;
}

/** A signal passed this daemon. */
export interface SignalItem {
  readonly kind: "emitted" | "received";
  readonly daemon: string;
  readonly signal: SeenSignal;
}

export interface SubscribeOptions extends StreamOptions {
  /** Names or patterns such as `Q_DREAM_*`; default: all. */
  readonly signals?: readonly string[];
  /** Default: both. */
  readonly kinds?: readonly ("emitted" | "received")[];
  /** False: envelopes without their facts. */
  readonly facts?: boolean;
}

/** Items of `client.subscribe`. */
export type SubscriptionItem = SignalItem | Missed;

export function subscribeSignals(
  links: readonly DaemonLink[],
  options: SubscribeOptions = {},
): Stream<SubscriptionItem> {
  const { signals, kinds, facts, ...rest } = options;
  const data = {
    ...(signals === undefined ? {} : { signals }),
    ...(kinds === undefined ? {} : { kinds }),
    ...(facts === undefined ? {} : { facts }),
  };
  return openStream<SignalItem>(
    links,
    "signal:subscribe",
    data,
    (item) => (item.kind === "event" ? signalOf(item.daemon, item.event, item.data) : null),
    rest,
  );
}

function signalOf(daemon: string, event: string, data: unknown): SignalItem | null {
  const kind = event === "signal:emitted" ? "emitted" : event === "signal:received" ? "received" : null;
  return kind !== null && isRecord(data) ? { kind, daemon, signal: data as unknown as SeenSignal } : null;
}
