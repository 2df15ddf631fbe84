/** Keeps what consumers have acknowledged on disk: together and not too often, since losing an ack only keeps signals longer. */
import type { Committer } from "./committer.ts";
import type { ConsumerRecord } from "./emitter-port.ts";

/** Shortest time between two savings, in milliseconds. */
const SAVE_INTERVAL_MS = 1_000;

export class ConsumerRegistry {
  readonly #committer: Committer;
  readonly #dirty = new Map<string, string>();
  #savedMs = 0;

  constructor(committer: Committer) {
    this.#committer = committer;
  }

  /** `urgent`: a consumer that was not known before; retention must not forget it. */
  update(name: string, record: ConsumerRecord, urgent: boolean): void {
    this.#dirty.set(name, JSON.stringify(record));
    if (urgent) this.#save();
  }

  onTick(nowMs: number): void {
    if (this.#dirty.size === 0 || Math.abs(nowMs - this.#savedMs) < SAVE_INTERVAL_MS) return;
    this.#savedMs = nowMs;
    this.#save();
  }

  #save(): void {
    this.#committer.submit({ consumers: new Map(this.#dirty) });
    this.#dirty.clear();
  }
}
