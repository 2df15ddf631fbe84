/** Hears what the daemons of a home publish, notes the moment of each, and lets one wait for it. */
import { type Envelope, loadContracts, openTap, type SignalName, type Tap } from "@kloros/bus";
import { nowNs } from "./protocol.ts";

export interface Heard {
  readonly signal: Envelope;
  readonly atNs: number;
}

interface Waiting {
  matches(signal: Envelope): boolean;
  resolve(heard: Heard): void;
}

/** Longest wait for a signal, in milliseconds; later than that the bench has failed. */
const DEADLINE_MS = 60_000;
/** Signals remembered for those who ask late; the oldest are forgotten. */
const MAX_REMEMBERED = 1_000;

export class SignalWatch {
  readonly #tap: Tap;
  readonly #heard: Heard[] = [];
  readonly #waiting = new Set<Waiting>();

  constructor(home: string) {
    this.#tap = openTap({ home, contracts: loadContracts() });
    void this.#listen();
  }

  /** The first signal of these names that matches, heard already or yet to come. */
  first(names: readonly SignalName[], matches: (signal: Envelope) => boolean): Promise<Heard> {
    const wanted = (signal: Envelope) => names.includes(signal.signal) && matches(signal);
    const heard = this.#heard.find(({ signal }) => wanted(signal));
    if (heard) return Promise.resolve(heard);
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => {
        reject(new Error(`no ${names.join(" or ")} within ${DEADLINE_MS / 1_000} s`));
      }, DEADLINE_MS);
      const waiting: Waiting = {
        matches: wanted,
        resolve: (found) => {
          clearTimeout(late);
          resolve(found);
        },
      };
      this.#waiting.add(waiting);
    });
  }

  /** All that were heard of a story. */
  story(correlationId: string): Heard[] {
    return this.#heard.filter(({ signal }) => signal.correlation_id === correlationId);
  }

  async close(): Promise<void> {
    await this.#tap.close();
  }

  async #listen(): Promise<void> {
    for await (const signal of this.#tap) {
      const heard = { signal, atNs: nowNs() };
      this.#heard.push(heard);
      if (this.#heard.length > MAX_REMEMBERED) this.#heard.shift();
      for (const waiting of this.#waiting) {
        if (!waiting.matches(signal)) continue;
        this.#waiting.delete(waiting);
        waiting.resolve(heard);
      }
    }
  }
}
