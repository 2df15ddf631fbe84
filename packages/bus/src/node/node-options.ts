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

/** What is told of one attempt of a handler. */
export interface HandledSignal {
  readonly signal: string;
  readonly id: string;
  readonly source: string;
  readonly correlation_id: string;
  /** `retried`: this attempt failed and another follows. The other two are a signal's fate, told when it is on disk. */
  readonly outcome: "handled" | "retried" | "dead_lettered";
  /** 1 for the first try. */
  readonly attempt: number;
  /** How long this attempt took, in milliseconds. */
  readonly handlerMs: number;
  /** From the envelope's timestamp until now, by the wall clock, in milliseconds, never below 0. */
  readonly sinceEmittedMs: number;
}

/** What is told of one group commit. */
export interface JournalCommit {
  /** Signals that it journalled; 0 when only cursors or state moved. */
  readonly signals: number;
  /** Bytes of their lines. */
  readonly bytes: number;
  /** Until it was synced, in milliseconds. */
  readonly ms: number;
}

/** What is told of a dead letter, beside what `failed_signals.jsonl` holds. */
export interface LetteredSignal {
  /** Its name, id and story; null for what was no signal, such as an intent file. */
  readonly signal: string | null;
  readonly id: string | null;
  readonly correlation_id: string | null;
  readonly error: string;
  /** The error's stable code (`E_…`), when it has one. */
  readonly code: string | null;
  readonly fingerprint: string;
  readonly attempts: number;
}

/** Called as things happen, on the event loop: quick, and never throwing. Without a hook nothing is computed for it. */
export interface NodeHooks {
  /** When a signal of this node is on disk, just before it is published. */
  onEmitted?(signal: EmittedSignal): void;
  /** When a handler is about to get a signal. */
  onReceived?(envelope: Envelope): void;
  /** An attempt of a handler has ended. Attempts that only wait for space on a full disk are not told. */
  onHandled?(done: HandledSignal): void;
  /** A group commit of the journal is on disk. */
  onCommitted?(commit: JournalCommit): void;
  /** A dead letter is in the journal, on its way to its file. */
  onDeadLettered?(letter: LetteredSignal): void;
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
  /** Default: ZeroMQ over ipc in the home's `run/`. What the settings of a home ask for: `meshTransport`. */
  readonly transport?: Transport;
}
