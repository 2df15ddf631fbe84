/** The events that every daemon answers, put together. */
import type { Node } from "@kloros/bus";
import type { Logger } from "pino";
import type { ControlEvents } from "./catalogue.ts";
import type { EventLog } from "./event-log.ts";
import { DaemonNotReadyError } from "./errors.ts";
import { checkpointEvents } from "./events/checkpoint.ts";
import { emitEvents } from "./events/emit.ts";
import { logLevelEvents } from "./events/log-level.ts";
import { monitorEvents } from "./events/monitor.ts";
import { pauseEvents } from "./events/pause.ts";
import { queueEvents } from "./events/queues.ts";
import { shutdownEvents } from "./events/shutdown.ts";
import { stateEvents } from "./events/state.ts";
import { subscribeEvents } from "./events/subscribe.ts";
import { systemEvents } from "./events/system.ts";
import type { ShutdownBarrier } from "./shutdown-barrier.ts";
import type { SignalFeed } from "./signal-feed.ts";
import { CheckpointFiles } from "./store/checkpoint-files.ts";
import type { Store } from "./store/store.ts";

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
  readonly store: Store;
}

/** The events by name, in the order in which they are listed. */
export function standardEvents(options: StandardEventsOptions, parts: StandardEventsParts): ControlEvents {
  const { daemon, home, log } = options;
  const { feed, events, barrier, store } = parts;
  const node = readyNode(options);
  return {
    ...systemEvents({ ...options, barrier }),
    ...emitEvents(node),
    ...subscribeEvents(feed, node),
    ...pauseEvents(node),
    ...stateEvents(store),
    ...queueEvents(store),
    ...checkpointEvents(store, new CheckpointFiles(home, daemon)),
    ...monitorEvents(events),
    ...shutdownEvents(barrier),
    ...logLevelEvents(log),
  };
}

/** The node. The function throws {DaemonNotReadyError} while it is not open. */
export function readyNode({ daemon, node }: Pick<StandardEventsOptions, "daemon" | "node">): () => Node {
  return () => {
    const open = node();
    if (open === null) throw new DaemonNotReadyError(daemon);
    return open;
  };
}
