/**
 * Signals whose handling a person has paused, in the daemon's durable state: a restart changes nothing about it. What arrives
 * meanwhile stays unfinished, so it is pending in the books (P7), comes again after a crash (P3), and is bounded like any
 * other inbox (P5); everything else is handled as ever.
 *
 * H1  A pause holds from the call on, and is durable when `pause` resolves. A resume is durable before anything is handled.
 * H2  A pause that has an end lasts no longer than was asked for in any life of the process, whatever the wall clock does (P10).
 */
import type { HandPause, Tx } from "./api.ts";
import { NotHandledError } from "./errors.ts";

/** Place in the daemon's durable state. */
const PREFIX = "kit/paused/";

interface Entry extends HandPause {
  /** On the clock that never goes back. */
  readonly endsAtMs: number;
}

type Stored = Pick<HandPause, "since" | "until">;

export interface HandPausesOptions {
  readonly daemon: string;
  /** Texts of the durable state, by prefix. */
  readonly stored: (prefix: string) => Iterable<{ readonly key: string; readonly value: string }>;
  readonly transact: (body: (tx: Tx) => void) => Promise<void>;
  /** Handling of a signal stops or goes on, now. */
  readonly hold: (signal: string, isHeld: boolean) => void;
  readonly isHandled: (signal: string) => boolean;
  /** Wall clock. */
  readonly now: () => number;
  /** Milliseconds that only go forward. */
  readonly elapsedMs: () => number;
  readonly onTrouble: (error: unknown, signal: string) => void;
}

export class HandPauses {
  readonly #options: HandPausesOptions;
  readonly #entries = new Map<string, Entry>();

  constructor(options: HandPausesOptions) {
    this.#options = options;
    for (const { key, value } of options.stored(PREFIX)) {
      const signal = key.slice(PREFIX.length);
      this.#entries.set(signal, this.#entry(signal, JSON.parse(value) as Stored));
    }
  }

  #entry(signal: string, { since, until }: Stored): Entry {
    return { signal, since, until, endsAtMs: this.#endsAt(since, until) };
  }

  /** H2: a wall clock that was set back since makes it no longer than it was meant to be as a whole. */
  #endsAt(since: string, until: string | null): number {
    if (until === null) return Infinity;
    const untilMs = Date.parse(until);
    const leftMs = Math.min(untilMs - this.#options.now(), untilMs - Date.parse(since));
    return this.#options.elapsedMs() + Math.max(0, leftMs);
  }

  has(signal: string): boolean {
    return this.#entries.has(signal);
  }

  get list(): HandPause[] {
    return [...this.#entries.values()].map(({ signal, since, until }) => ({ signal, since, until }));
  }

  /** `untilMs`: wall clock. @throws {NotHandledError} */
  async pause(signal: string, untilMs: number | null): Promise<void> {
    if (!this.#options.isHandled(signal)) throw new NotHandledError(this.#options.daemon, signal);
    const before = this.#entries.get(signal);
    const since = new Date(this.#options.now()).toISOString();
    const stored = { since, until: untilMs === null ? null : new Date(untilMs).toISOString() };
    const entry = this.#entry(signal, stored);
    this.#set(signal, entry); // H1
    try {
      await this.#options.transact((tx) => {
        tx.state.put(PREFIX + signal, stored);
      });
    } catch (error) {
      if (this.#entries.get(signal) === entry) this.#set(signal, before);
      throw error;
    }
  }

  /** Whether it was paused. */
  async resume(signal: string): Promise<boolean> {
    const entry = this.#entries.get(signal);
    if (entry === undefined) return false;
    await this.#forget(signal);
    // Whoever paused it anew meanwhile wants it paused.
    if (this.#entries.get(signal) === entry) this.#set(signal, undefined);
    return true;
  }

  #forget(signal: string): Promise<void> {
    return this.#options.transact((tx) => {
      tx.state.delete(PREFIX + signal);
    });
  }

  #set(signal: string, entry: Entry | undefined): void {
    if (entry === undefined) this.#entries.delete(signal);
    else this.#entries.set(signal, entry);
    this.#options.hold(signal, entry !== undefined);
  }

  /** The ends of pauses. */
  onTick(nowMs: number): void {
    for (const [signal, { endsAtMs }] of this.#entries) {
      if (nowMs < endsAtMs) continue;
      this.#set(signal, undefined);
      // What stays behind on a full disk is over by its own words, also after a restart.
      this.#forget(signal).catch((error: unknown) => {
        this.#options.onTrouble(error, signal);
      });
    }
  }
}
