/**
 * What the watchdog knows in memory of what is durable: open waits by the time they are due, of what else something is
 * remembered, and counts. Follows commits; who decides reads the state itself.
 */
import { DueQueue } from "./due-queue.ts";
import type { Stored, Stepped } from "./matter-store.ts";
import { rememberedSince, type Wait } from "./watch.ts";

export interface OpenWait {
  readonly key: string;
  readonly correlation_id: string;
  readonly wait: Wait;
}

export class Ledger {
  readonly due = new DueQueue();
  readonly #open = new Map<string, OpenWait>();
  /** When the newest of what is remembered was noted, by matter; the one that was touched longest ago first. */
  readonly #remembered = new Map<string, number>();
  /** Since this process started. */
  readonly counts = { fired: 0, late: 0, refused: 0 };

  get open(): ReadonlyMap<string, OpenWait> {
    return this.#open;
  }

  get remembered(): ReadonlyMap<string, number> {
    return this.#remembered;
  }

  /** Takes over what the process before has left. */
  load(stored: readonly Stored[]): void {
    const byTime = [...stored].sort(
      (a, b) => (rememberedSince(a.matter) ?? 0) - (rememberedSince(b.matter) ?? 0),
    );
    for (const { key, matter } of byTime) {
      for (const wait of matter.open) this.#begin({ key, correlation_id: matter.correlation_id, wait });
      this.#remember({ key, matter });
    }
  }

  /** A step is on disk. */
  follow({ key, matter, actions }: Stepped): void {
    for (const action of actions) {
      const { wait } = action;
      if (action.kind === "armed") this.#begin({ key, correlation_id: matter.correlation_id, wait });
      else if (action.kind === "late") this.counts.late++;
      else this.#end(wait.id);
      if (action.kind === "timed_out") this.counts.fired++;
    }
    this.#remember({ key, matter });
  }

  /** The wait that began first; null when none is open. */
  oldest(): OpenWait | null {
    let oldest: OpenWait | null = null;
    for (const open of this.#open.values())
      if (oldest === null || open.wait.since < oldest.wait.since) oldest = open;
    return oldest;
  }

  #begin(open: OpenWait): void {
    this.#open.set(open.wait.id, open);
    this.due.add({ id: open.wait.id, key: open.key, due: open.wait.due });
  }

  #end(id: string): void {
    this.#open.delete(id);
    this.due.remove(id);
  }

  #remember({ key, matter }: Stored): void {
    const at = rememberedSince(matter);
    this.#remembered.delete(key);
    if (at !== null) this.#remembered.set(key, at);
  }
}
