/** The control side of a daemon: its socket with all its events, and what it wants to be told of the daemon's work. */
import type { NodeHooks } from "@kloros/bus";
import type { DaemonParts } from "../definition.ts";
import { answerer, type ControlEvents, ownEvents } from "./catalogue.ts";
import { openControlServer } from "./control-server.ts";
import type { Answer } from "./connection.ts";
import { EventLog } from "./event-log.ts";
import { isPromise } from "./request-deadline.ts";
import { type BarrierEnd, ShutdownBarrier } from "./shutdown-barrier.ts";
import { SignalFeed } from "./signal-feed.ts";
import { readyNode, standardEvents, type StandardEventsOptions } from "./standard-events.ts";
import { openStore } from "./store/store.ts";
import { startSweeping } from "./store/sweep.ts";

export interface ControlOptions extends StandardEventsOptions {
  readonly socketPath: string;
  /** Further events of the kit. */
  readonly more: ControlEvents;
  /** The daemon's own events, once it is set up. */
  readonly own: () => DaemonParts["control"];
}

export interface Control {
  /** To be called with what the node tells. */
  readonly hooks: Required<Pick<NodeHooks, "onEmitted" | "onReceived" | "onDeadLettered">>;
  /**
   * Tells registered services that the daemon stops and waits for their word, at most for half of `deadlineMs`.
   * To be called once, before the drain.
   */
  beforeDrain(deadlineMs: number, reason: string): Promise<BarrierEnd>;
  /** Clients connected now; requests and errors since the start. */
  figures(): { readonly connections: number; readonly requests: number; readonly errors: number };
  /** Stops listening, sends what is buffered, removes the socket file. */
  close(): Promise<void>;
}

/** @throws the system error when the socket cannot be created */
export async function openControl(options: ControlOptions): Promise<Control> {
  const log = new EventLog(Date.now);
  const store = openStore(readyNode(options));
  const parts = { feed: new SignalFeed(), events: log, barrier: new ShutdownBarrier(), store };
  const standard = { ...standardEvents(options, parts), ...options.more };
  const answer = answerer(options.daemon, () => ({ ...ownEvents(options.own()), ...standard }));
  const stopSweeping = startSweeping(options.node, store.clock, (err) => {
    options.log.warn({ err }, "What is over cannot be removed from the store now; it is tried again");
  });
  const server = await openControlServer(options.socketPath, noted(answer, log));
  return {
    figures: () => ({ connections: server.connections, requests: log.requests, errors: log.failures }),
    hooks: {
      onEmitted: (signal) => {
        const { id, source, correlation_id } = signal;
        log.add({ kind: "emitted", name: signal.signal, id, source, correlation_id });
        parts.feed.onEmitted(signal);
      },
      onReceived: (signal) => {
        const { id, source, correlation_id } = signal;
        log.add({ kind: "received", name: signal.signal, id, source, correlation_id });
        parts.feed.onReceived(signal);
      },
      onDeadLettered: ({ signal, id, correlation_id, code }) => {
        log.add({
          kind: "dead_lettered",
          name: signal ?? "",
          ...(id === null ? {} : { id }),
          correlation_id,
          code,
        });
      },
    },
    beforeDrain: (deadlineMs, reason) => parts.barrier.pass(reason, deadlineMs),
    close: () => {
      stopSweeping();
      return server.close();
    },
  };
}

/** Each request is noted in the log when it has its answer. */
function noted(answer: Answer, log: EventLog): Answer {
  return (request, connection) => {
    const begunAt = performance.now();
    const note = (failure: { cause: unknown } | null) => {
      const { event: name, correlation_id } = request;
      const ms = Math.round((performance.now() - begunAt) * 1000) / 1000;
      const shared = { kind: "control", name, correlation_id, ms, connection: connection.id } as const;
      if (failure === null) log.add({ ...shared, outcome: "answered" });
      else log.add({ ...shared, outcome: "failed", code: codeOf(failure.cause) });
    };
    let result: unknown;
    try {
      result = answer(request, connection);
    } catch (cause) {
      note({ cause });
      throw cause;
    }
    if (isPromise(result))
      result.then(
        () => note(null),
        (cause: unknown) => note({ cause }),
      );
    else note(null);
    return result;
  };
}

function codeOf(cause: unknown): string | null {
  const code = cause instanceof Error && "code" in cause ? cause.code : null;
  return typeof code === "string" ? code : null;
}
