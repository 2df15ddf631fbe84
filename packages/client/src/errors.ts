/** What can go wrong between a program and a daemon's control socket. Each says whether asking again is safe. */
import { KlorosError } from "@kloros/bus/error";

/** Where a daemon is asked. */
export interface DaemonPlace {
  /** Name, such as `intent_router`. */
  readonly daemon: string;
  /** Absolute path of its control socket. */
  readonly socketPath: string;
}

/**
 * Nobody answers at a control socket: the daemon does not run, or is stuck. Nothing was carried out, unless `cause` tells of an
 * answer that was late or lost (`askDaemon`, which asks once, makes no difference there).
 */
export class DaemonUnreachableError extends KlorosError {
  readonly daemon: string;
  readonly socketPath: string;

  constructor({ daemon, socketPath }: DaemonPlace, detail: string, options?: ErrorOptions) {
    super(
      "E_DAEMON_UNREACHABLE",
      `no answer at ${socketPath} (${detail}): is the daemon running? kloros status tells; kloros start ${daemon} starts it`,
      options,
    );
    this.daemon = daemon;
    this.socketPath = socketPath;
  }
}

/**
 * The daemon answered with an error. `daemonCode` is the stable code of that error where it has one, `detail` its
 * message without the event's name.
 */
export class EventError extends KlorosError {
  readonly event: string;
  readonly daemon: string;
  readonly daemonCode: string | null;
  readonly detail: string;

  constructor(event: string, daemon: string, detail: string, daemonCode: string | null) {
    const prefix = `${event}: `; // Some refusals name the event themselves.
    const said = detail.startsWith(prefix) ? detail.slice(prefix.length) : detail;
    super("E_DAEMON_REFUSED", prefix + said);
    this.event = event;
    this.daemon = daemon;
    this.daemonCode = daemonCode;
    this.detail = said;
  }
}

/**
 * No answer came within the request's time. It may have been carried out all the same: ask for the state before
 * asking again, or give the request a `request_id` where the event takes one.
 */
export class RequestTimeoutError extends KlorosError {
  readonly event: string;
  readonly daemon: string;
  readonly timeoutMs: number;

  constructor(event: string, daemon: string, timeoutMs: number) {
    super(
      "E_REQUEST_TIMEOUT",
      `${event}: waited ${timeoutMs} ms for the answer of ${daemon}; it may have been carried out`,
    );
    this.event = event;
    this.daemon = daemon;
    this.timeoutMs = timeoutMs;
  }
}

/**
 * The connection broke before the answer came. `mayHaveBeenCarriedOut` false: it never left this process, ask again.
 * True: look at the state first; requests that only read, or carry a `request_id`, are repeated by the client itself.
 */
export class ConnectionLostError extends KlorosError {
  readonly event: string;
  readonly daemon: string;
  readonly mayHaveBeenCarriedOut: boolean;

  constructor(
    event: string,
    daemon: string,
    detail: string,
    mayHaveBeenCarriedOut: boolean,
    options?: ErrorOptions,
  ) {
    const fate = mayHaveBeenCarriedOut ? "it may have been carried out" : "it was not sent";
    super(
      "E_CONNECTION_LOST",
      `${event}: the connection to ${daemon} was lost (${detail}); ${fate}`,
      options,
    );
    this.event = event;
    this.daemon = daemon;
    this.mayHaveBeenCarriedOut = mayHaveBeenCarriedOut;
  }
}

/** The client was closed already; connect anew. */
export class ClientClosedError extends KlorosError {
  constructor(daemon: string) {
    super("E_CLIENT_CLOSED", `the client of ${daemon} is closed; connect anew`);
  }
}

/** More requests wait for one daemon than this client keeps; nothing was sent. Wait for answers before asking on. */
export class TooManyRequestsError extends KlorosError {
  constructor(event: string, daemon: string, limit: number) {
    super("E_TOO_MANY_REQUESTS", `${event}: ${limit} requests to ${daemon} wait already; wait for answers`);
  }
}

/** The request is longer than a daemon reads, or cannot be written as JSON; nothing was sent. Put the bulk into a file. */
export class RequestUnsendableError extends KlorosError {
  constructor(event: string, detail: string, options?: ErrorOptions) {
    super("E_REQUEST_UNSENDABLE", `${event}: ${detail}`, options);
  }
}

/** Exactly one result was asked for, and none or several came. Ask with `sendAll` or `sendFirst`. */
export class ResultCountError extends KlorosError {
  readonly event: string;
  readonly count: number;

  constructor(event: string, asked: string, count: number) {
    super("E_RESULT_COUNT", `${event}: ${count} results from ${asked}, exactly 1 was asked for`);
    this.event = event;
    this.count = count;
  }
}

/** Results that were to be merged say different things about the same member. Ask with `sendAll`, and choose. */
export class MergeConflictError extends KlorosError {
  constructor(event: string, detail: string) {
    super("E_MERGE_CONFLICT", `${event}: the results cannot be merged: ${detail}`);
  }
}

/** How one daemon of several failed. */
export interface DaemonFailure {
  readonly daemon: string;
  readonly error: KlorosError;
}

/** Of several daemons that were asked, some failed; `failures` names each. Those that answered are asked alone by `sendSuccessOnly`. */
export class DaemonsFailedError extends KlorosError {
  readonly event: string;
  readonly failures: readonly DaemonFailure[];

  constructor(event: string, failures: readonly DaemonFailure[], asked: number) {
    const told = failures.map(({ daemon, error }) => `  ${daemon}: ${error.message}`);
    super("E_DAEMONS_FAILED", `${event}: ${failures.length} of ${asked} daemons failed\n${told.join("\n")}`, {
      cause: failures[0]?.error,
    });
    this.event = event;
    this.failures = failures;
  }
}

/** No daemon can be asked: the home has none running, or there is no such home. */
export class NoDaemonsError extends KlorosError {
  constructor(home: string) {
    super("E_NO_DAEMONS", `no daemon runs on ${home}; start the mesh with: kloros up --home ${home}`);
  }
}

/** The handler that a program registered for a daemon's stop failed; the daemon is not told that it is done. */
export class ShutdownHandlerError extends KlorosError {
  constructor(service: string, options: ErrorOptions) {
    super(
      "E_SHUTDOWN_HANDLER",
      `the shutdown handler of ${service} failed: ${String(options.cause)}`,
      options,
    );
  }
}
