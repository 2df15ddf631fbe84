/**
 * Clients whose bytes are thrown away, the rest of a line that is too long, are read one after the other and slowly: what nobody
 * needs must not fill the memory bus and the garbage collector, which signals need (P5).
 */

/** One read, of 64 KiB, each so many milliseconds: 64 MB/s for all such clients together. */
const SKIM_EVERY_MS = 1;

/** Somebody who can be read on. */
export interface Skimmed {
  readOn(): void;
}

export class SkimQueue {
  readonly #waiting = new Set<Skimmed>();
  #isScheduled = false;

  /** Reads on when its turn has come. */
  add(client: Skimmed): void {
    this.#waiting.add(client);
    this.#schedule();
  }

  remove(client: Skimmed): void {
    this.#waiting.delete(client);
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.size === 0) return;
    this.#isScheduled = true;
    setTimeout(this.#next, SKIM_EVERY_MS);
  }

  readonly #next = (): void => {
    this.#isScheduled = false;
    const [client] = this.#waiting;
    if (client === undefined) return;
    this.#waiting.delete(client);
    client.readOn();
    this.#schedule();
  };
}
