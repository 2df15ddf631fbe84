/** The events that every daemon answers, put together. */
import type { Node } from "@kloros/bus";
import type { Logger } from "pino";
import type { ControlEvents } from "./catalogue.ts";
import type { EventLog } from "./event-log.ts";
import { DaemonNotReadyError } from "./errors.ts";
import { emitEvents } from "./events/emit.ts";
import { logLevelEvents } from "./events/log-level.ts";
import { monitorEvents } from "./events/monitor.ts";
import { shutdownEvents } from "./events/shutdown.ts";
import { subscribeEvents } from "./events/subscribe.ts";
import { systemEvents } from "./events/system.ts";
import type { ShutdownBarrier } from "./shutdown-barrier.ts";
import type { SignalFeed } from "./signal-feed.ts";

export interface StandardEventsOptions {
  readonly daemon: string;
  readonly home: string;
  readonly log: Logger;
  readonly health: () => Record<string, unknown>;
  /** null while the node is not open yet. */
  readonly node: () => Node | null;
  /** Begins the orderly stop. */
  readonly shutdown: () => void;
}

export interface StandardEventsParts {
  readonly feed: SignalFeed;
  readonly events: EventLog;
  readonly barrier: ShutdownBarrier;
}

/** The events by name, in the order in which they are listed. */
export function standardEvents(options: StandardEventsOptions, parts: StandardEventsParts): ControlEvents {
  const { daemon, log } = options;
  const node = (): Node => {
    const open = options.node();
    if (open === null) throw new DaemonNotReadyError(daemon);
    return open;
  };
  return {
    ...systemEvents({ ...options, barrier: parts.barrier }),
    ...emitEvents(node),
    ...subscribeEvents(parts.feed, node),
    ...monitorEvents(parts.events),
    ...shutdownEvents(parts.barrier),
    ...logLevelEvents(log),
  };
}
