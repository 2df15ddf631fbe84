/**
 * Talks to daemons over their control sockets: `$KLOROS_HOME/run/<daemon>.sock`, newline-delimited JSON.
 *
 * @example
 * import { connect } from "@kloros/client";
 *
 * await using router = await connect({ daemon: "intent_router" });
 * const health = await router.sendSingle("system:health");
 * for await (const item of router.subscribe({ signals: ["Q_CURIOSITY_*"] })) console.log(item);
 */
export { connect } from "./connect.ts";
export type { ConnectMeshOptions, ConnectOptions } from "./connect.ts";
export type { Client, ClientDefaults, ValueAt } from "./client.ts";
export type { Answer, MeshClient } from "./mesh-client.ts";
export { askDaemon } from "./ask-daemon.ts";

export type {
  Arguments,
  ControlEvents,
  DaemonHealth,
  EventDescription,
  EventName,
  RequestOf,
  ResponseOf,
  ResultOf,
} from "./control-events.ts";
export type {
  ErrorMode,
  ErrorModeOptions,
  MergeOptions,
  RequestOptions,
  ValueOptions,
} from "./request-options.ts";
export type { ControlReply } from "./link/reply-line.ts";
export type { ResultsAndErrors } from "./answers/with-errors.ts";

export type { Queue, QueueRequestOptions } from "./conveniences/queue.ts";
export type { SetOptions, State, StateEntry } from "./conveniences/state.ts";
export type { ShutdownBegun, ShutdownOptions, ShutdownRegistration } from "./conveniences/on-shutdown.ts";
export type { SeenSignal, SignalItem, SubscribeOptions, SubscriptionItem } from "./streams/signals.ts";
export type { Missed, Stream, StreamEvent, StreamOptions } from "./streams/stream.ts";

export {
  ClientClosedError,
  ConnectionLostError,
  DaemonsFailedError,
  DaemonUnreachableError,
  EventError,
  MergeConflictError,
  NoDaemonsError,
  RequestTimeoutError,
  RequestUnsendableError,
  ResultCountError,
  ShutdownHandlerError,
  TooManyRequestsError,
} from "./errors.ts";
export type { DaemonFailure, DaemonPlace } from "./errors.ts";

export { LineSplitter } from "./line-splitter.ts";
export type { Split } from "./line-splitter.ts";
