/**
 * How often handling a signal has hung, kept across restarts: a handler that goes on past its deadline and the abort grace gets
 * its process restarted, and without this its attempts would begin at one again each time, for ever (P6).
 *
 * Attempts that fail in other ways are counted in memory: they do not end the process.
 */
import type { Journal } from "../journal/journal.ts";
import type { Envelope } from "../signal/envelope.ts";
import type { Committer } from "./committer.ts";

/** Place in the daemon's durable state; the kit's keys begin with `kit/`. */
const PREFIX = "kit/hung/";
/** Signals whose count is kept; beyond that a hang is counted until the restart only. */
const MAX_KEPT = 1_000;

export interface KeptAttemptsOptions {
  readonly journal: Pick<Journal, "stateList">;
  readonly committer: Pick<Committer, "submit">;
}

type Placed = Pick<Envelope, "source" | "epoch" | "seq">;

export class KeptAttempts {
  readonly #options: KeptAttemptsOptions;
  readonly #kept = new Map<string, number>();

  constructor(options: KeptAttemptsOptions) {
    this.#options = options;
    for (const { key, value } of options.journal.stateList(PREFIX)) this.#kept.set(key, Number(value));
  }

  /** The number that the next attempt has: 1 unless earlier ones hung. */
  next(signal: Placed): number {
    return this.#kept.size === 0 ? 1 : (this.#kept.get(keyOf(signal)) ?? 0) + 1;
  }

  /** This attempt hung; it will not be forgotten when the process ends now. */
  keep(signal: Placed, attempt: number): void {
    // Telemetry has no position; it does not come again after a restart.
    if (signal.seq === 0 || this.#kept.size >= MAX_KEPT) return;
    this.#kept.set(keyOf(signal), attempt);
    this.#options.committer.submit({ state: new Map([[keyOf(signal), String(attempt)]]) });
  }

  /** It has its fate, or is given back: nothing is left to be counted. */
  forget(signal: Placed): void {
    if (this.#kept.size === 0 || !this.#kept.delete(keyOf(signal))) return;
    this.#options.committer.submit({ state: new Map([[keyOf(signal), undefined]]) });
  }
}

function keyOf({ source, epoch, seq }: Placed): string {
  return `${PREFIX}${source}/${epoch}/${String(seq)}`;
}
