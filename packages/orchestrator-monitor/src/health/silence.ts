/**
 * How long no daemon has emitted anything. Looks into the journals of those daemons only whose last position has changed.
 * What the monitor emits does not count, nor alerts, decisions and restarts of others: a silence must not end by being told.
 */
import { inspectHome } from "@kloros/bus";
import type { Measured } from "./level.ts";

const NOT_COUNTED = /^Q_(HEALTH_ALERT|DECISION_.*|DAEMON_RESTART.*)$/;
/** Newest signals of a journal among which one that counts is looked for. */
const TAIL_SIGNALS = 64;

/** The newest signal that counts in a journal, in milliseconds since 1970; null: none, or it cannot be read. */
export type NewestSignal = (daemon: string) => Promise<number | null>;

export class Silence {
  readonly #newest: NewestSignal;
  readonly #lastSeqs = new Map<string, number>();
  readonly #newestMs = new Map<string, number>();
  readonly #begunAt: number;
  /** When something was heard last, in the caller's milliseconds; null: not since the beginning. */
  #heardAt: number | null = null;

  /** @param now milliseconds that only go forward */
  constructor(newest: NewestSignal, now: number) {
    this.#newest = newest;
    this.#begunAt = now;
  }

  /** @param lastSeqs of the daemons that answered, the monitor excepted; @param wallMs milliseconds since 1970 */
  async measure(lastSeqs: ReadonlyMap<string, number>, now: number, wallMs: number): Promise<Measured> {
    for (const [daemon, seq] of lastSeqs) {
      if (this.#lastSeqs.get(daemon) === seq) continue;
      this.#lastSeqs.set(daemon, seq);
      const newestMs = await this.#newest(daemon);
      if (newestMs === null || newestMs === this.#newestMs.get(daemon)) continue;
      const isFirst = !this.#newestMs.has(daemon);
      this.#newestMs.set(daemon, newestMs);
      // What is new has come since the last look; of what was there at the first look, its own time tells.
      const heardAt = isFirst ? now - Math.max(0, wallMs - newestMs) : now;
      this.#heardAt = Math.max(this.#heardAt ?? heardAt, heardAt);
    }
    if (this.#heardAt === null) return { value: now - this.#begunAt, exact: false };
    return { value: now - this.#heardAt, exact: true };
  }
}

/** Looks into the journals of a home. */
export function newestSignalIn(home: string): NewestSignal {
  return async (daemon) => {
    const inspection = inspectHome(home, [daemon]);
    try {
      const newest = inspection.journals.get(daemon)?.tail(TAIL_SIGNALS) ?? [];
      const counted = newest.findLast(({ signal }) => !NOT_COUNTED.test(signal));
      return counted === undefined ? null : Date.parse(counted.timestamp);
    } catch {
      return null; // It is being written or damaged: the next look tells, or whoever reads it.
    } finally {
      await inspection.close();
    }
  };
}
