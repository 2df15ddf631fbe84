/** When an emitter is told how far its consumer has come: soon after a commit, not more often than needed, never more than is on disk. */
import type { Cursors } from "./standing.ts";

/** Shortest time between two acks, in milliseconds. */
const ACK_INTERVAL_MS = 100;

export class AckSchedule {
  /** Cursors as they are on disk. */
  durable: Cursors;
  #owed = false;
  #sentMs = -Infinity;

  constructor(durable: Cursors) {
    this.durable = durable;
  }

  onCommitted(cursors: Cursors): void {
    this.durable = cursors;
    this.#owed = true;
  }

  /** True once for each ack that is due. */
  takeDue(nowMs: number): boolean {
    if (!this.#owed || Math.abs(nowMs - this.#sentMs) < ACK_INTERVAL_MS) return false;
    this.#owed = false;
    this.#sentMs = nowMs;
    return true;
  }
}
