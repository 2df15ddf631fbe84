/** Errors of a node: what a caller of `emit`, `on` or a handler may meet. */
import { KlorosError } from "../signal/errors.ts";

/** The node is stopping or closed. */
export class NodeClosedError extends KlorosError {
  constructor(daemon: string) {
    super("E_NODE_CLOSED", `${daemon}: the node is closed; emit before close(), or open a new node`);
  }
}

/** More emits wait for the disk than `limits.max_pending_emits` allows (P5). */
export class EmitQueueFullError extends KlorosError {
  readonly limit: number;
  constructor(daemon: string, limit: number) {
    super(
      "E_EMIT_QUEUE_FULL",
      `${daemon}: ${String(limit)} emits wait for the disk already; await receipts before emitting more`,
    );
    this.limit = limit;
  }
}

/** A signal that this daemon has no handler for cannot be paused; see `consumers` of its contract for who handles it. */
export class NotHandledError extends KlorosError {
  readonly signal: string;
  constructor(daemon: string, signal: string) {
    super("E_NOT_HANDLED", `${daemon} does not handle ${signal}: ask one of its consumers`);
    this.signal = signal;
  }
}

/** The node does not get an answer from its own ledger socket, or cannot read its own journal: it is of no use to others. */
export class ProbeFailedError extends KlorosError {
  constructor(daemon: string, detail: string, options?: ErrorOptions) {
    super(
      "E_PROBE_FAILED",
      `${daemon}: ${detail}; restart it, and check its disk and the run/ folder`,
      options,
    );
  }
}

/** A handler did not finish within its deadline. */
export class HandlerDeadlineError extends KlorosError {
  readonly deadlineMs: number;
  constructor(signal: string, deadlineMs: number) {
    super("E_HANDLER_DEADLINE", `${signal}: the handler did not finish within ${String(deadlineMs)} ms`);
    this.deadlineMs = deadlineMs;
  }
}

/** The transaction is over: committed, aborted by a deadline, or its node was reset. */
export class TransactionOverError extends KlorosError {
  constructor() {
    super(
      "E_TRANSACTION_OVER",
      "this transaction is over; use it only until its handler or body returns, or its abort signal fires",
    );
  }
}

/** Concurrent handlings kept changing the state that this one had read. */
export class StateConflictError extends KlorosError {
  constructor(signal: string, tries: number) {
    super(
      "E_STATE_CONFLICT",
      `${signal}: the state it read was changed by others ${String(tries)} times; give the contract an ordering_key or the handler concurrency 1`,
    );
  }
}

/** `on` was called wrongly: too late, twice, or for a signal that cannot come. */
export class HandlerRegistrationError extends KlorosError {
  constructor(signal: string, detail: string) {
    super("E_HANDLER_REGISTRATION", `${signal}: ${detail}`);
  }
}

/** A state key or value that cannot be stored. */
export class StateEntryError extends KlorosError {
  constructor(key: string, detail: string) {
    super("E_STATE_ENTRY", `state key "${key.slice(0, 80)}": ${detail}`);
  }
}

/** Throw this (or any error with `retryable: false`) from a handler when trying again cannot help. */
export class PermanentError extends KlorosError {
  readonly retryable = false;
  constructor(message: string, options?: ErrorOptions) {
    super("E_PERMANENT", message, options);
  }
}
