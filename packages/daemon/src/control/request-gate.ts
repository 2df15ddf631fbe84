/**
 * How many requests run at once, over all clients. Nobody is refused: who may not start one more waits for a place.
 * A client's first request always has one, so that those who ask one thing at a time never wait for those who ask a thousand.
 */
import type { Worker, WorkTurns } from "./work-turns.ts";

/** Requests of one client that run at once; its further ones wait. */
export const MAX_PENDING_REQUESTS = 64;
/** Requests beyond the first of each client, all clients together: enough for group commits, little enough for the memory. */
export const MAX_EXTRA_REQUESTS = 512;
/** Lines of all running requests, in bytes. Small ones pass in any case. */
export const MAX_RUNNING_BYTES = 32 * 1024 * 1024;
const SMALL_LINE_BYTES = 4 * 1024;

export class RequestGate {
  readonly #turns: Pick<WorkTurns, "add">;
  readonly #waiting = new Set<Worker>();
  #extra = 0;
  #bytes = 0;

  constructor(turns: Pick<WorkTurns, "add">) {
    this.#turns = turns;
  }

  /** Whether a client with `pending` running requests may start one of `bytes`; if not, it is woken when that may have changed. */
  enter(client: Worker, pending: number, bytes: number): boolean {
    if (pending >= MAX_PENDING_REQUESTS) return false; // Its own requests wake it.
    const hasPlace = pending === 0 || this.#extra < MAX_EXTRA_REQUESTS;
    const hasRoom =
      bytes <= SMALL_LINE_BYTES || this.#bytes === 0 || this.#bytes + bytes <= MAX_RUNNING_BYTES;
    if (!hasPlace || !hasRoom) {
      this.#waiting.add(client);
      return false;
    }
    if (pending > 0) this.#extra++;
    this.#bytes += bytes;
    return true;
  }

  /** One of the `pending` requests of a client has ended. */
  leave(client: Worker, pending: number, bytes: number): void {
    if (pending > 1) this.#extra--;
    this.#bytes -= bytes;
    this.#turns.add(client);
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next);
    this.#turns.add(next);
  }

  forget(client: Worker): void {
    this.#waiting.delete(client);
  }
}
