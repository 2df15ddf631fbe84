/** What `openNode` takes. */
import type { BusLimits } from "../protocol/limits.ts";
import type { Contracts } from "../signal/contract.ts";
import type { Envelope, Priority } from "../signal/envelope.ts";
import type { Transport } from "../transport/transport.ts";

/** Where the bus says what happens to it; a pino logger fits. */
export interface BusLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

/** What is told of an emitted signal: its envelope without the parts that only the wire needs. */
export interface EmittedSignal {
  readonly signal: string;
  readonly id: string;
  readonly seq: number;
  readonly timestamp: string;
  readonly source: string;
  readonly facts: object;
  readonly priority: Priority;
  readonly correlation_id: string;
  readonly causation_id: string | null;
}

export interface NodeHooks {
  /** After a signal of this node is on disk and published. */
  onEmitted?(signal: EmittedSignal): void;
  /** When a handler is about to get a signal. */
  onReceived?(envelope: Envelope): void;
  /** The journal can no longer be trusted: the process must end (P6). */
  onFatal?(error: Error): void;
}

export interface NodeOptions {
  /** Daemon name: the `source` of what it emits, the consumer name of what it handles. */
  readonly daemon: string;
  /** KLOROS_HOME; must exist. */
  readonly home: string;
  readonly contracts: Contracts;
  readonly limits?: Partial<BusLimits>;
  readonly hooks?: NodeHooks;
  readonly log?: BusLog;
  /** Wall clock, milliseconds since 1970. */
  readonly now?: () => number;
  readonly random?: () => number;
  /** Default: ZeroMQ over ipc in the home's `run/`. */
  readonly transport?: Transport;
}
