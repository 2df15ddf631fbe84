/** A daemon's own control events, asked without a socket. */
import { answerer, ownEvents } from "../control/catalogue.ts";
import type { ControlConnection } from "../control/event.ts";
import type { DaemonParts } from "../definition.ts";
import { NoStreamsError } from "./errors.ts";

/** A client that follows nothing. */
const NOBODY: ControlConnection = {
  id: 0,
  openStream: () => {
    throw new NoStreamsError();
  },
  closeStream: () => false,
};

/**
 * Asks one of the events of `parts.control` as its control socket would: unknown names are refused, `data` is checked against
 * its parameters, defaults are filled in. What the event answers comes back as it is, a promise as a promise.
 * @throws {ControlRequestError}, and what the event throws
 */
export function askParts(parts: Pick<DaemonParts, "control">, event: string, data: unknown = {}): unknown {
  const answer = answerer("daemon", () => ownEvents(parts.control));
  return answer({ event, data, correlation_id: null }, NOBODY);
}
