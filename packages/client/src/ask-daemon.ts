/** One question, one answer, on a connection of its own. Who asks more than once uses `connect`. */
import { basename } from "node:path";
import { ConnectionLostError, DaemonUnreachableError, RequestTimeoutError } from "./errors.ts";
import { DaemonLink } from "./link/daemon-link.ts";

const DEFAULT_TIMEOUT_MS = 5_000;

/**
 * Asks a daemon and resolves with the `data` of its answer. `timeoutMs` (default 5,000) covers all of it.
 * @throws {DaemonUnreachableError} no such socket, nobody listens, no answer in time, or none before the end
 * @throws {EventError} the answer is an error
 */
export async function askDaemon<T = unknown>(
  socketPath: string,
  event: string,
  data: unknown = {},
  options: { readonly timeoutMs?: number } = {},
): Promise<T> {
  const timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
  const place = { daemon: basename(socketPath, ".sock"), socketPath };
  const link = new DaemonLink(place, { reconnectMs: 0 });
  try {
    const reply = await link.request({ event, data, timeoutMs, repeatable: false, patient: false });
    return reply.data as T;
  } catch (cause) {
    // Who asks once wants to know whether there is an answer, and not why there is none.
    if (cause instanceof RequestTimeoutError)
      throw new DaemonUnreachableError(place, `waited ${timeoutMs} ms`, { cause });
    if (cause instanceof ConnectionLostError)
      throw new DaemonUnreachableError(place, "the connection was closed", { cause });
    throw cause;
  } finally {
    link.close();
  }
}
