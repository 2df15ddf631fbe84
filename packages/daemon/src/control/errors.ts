import { KlorosError } from "@kloros/bus";

/**
 * A request on a control socket that cannot be answered as it stands.
 * The message names the member and what it must be; `system:help` says what an event takes.
 */
export class ControlRequestError extends KlorosError {
  constructor(message: string) {
    super("E_CONTROL_REQUEST", message);
  }
}

/**
 * The event is answered only while the daemon works; it is still starting, or stops already.
 * Ask again in a moment; `system:health` tells its state.
 */
export class DaemonNotReadyError extends KlorosError {
  constructor(daemon: string) {
    super("E_DAEMON_NOT_READY", `${daemon} is still starting, or stops already; try again in a moment`);
  }
}

/**
 * All places for clients of the control socket are taken; the connection is closed, and nothing of it that is unanswered was read.
 * Connect again in a moment; close connections that are not used.
 */
export class TooManyConnectionsError extends KlorosError {
  constructor(limit: number) {
    super("E_TOO_MANY_CONNECTIONS", `more than ${limit} connections; try again in a moment`);
  }
}
