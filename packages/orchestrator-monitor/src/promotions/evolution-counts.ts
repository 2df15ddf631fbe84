/** What the monitor has heard about decisions and running cycles since it started, for its status line and its health. */
import type { Envelope, HandlerTx } from "@kloros/bus";
import type { SignalObservers } from "../observers.ts";

export class EvolutionCounts {
  #deferred = 0;
  #refused = 0;
  #progress = 0;
  #last: Envelope<"Q_DREAM_PROGRESS"> | null = null;

  observe(observers: SignalObservers): void {
    observers.observe("Q_DECISION_DEFERRED", (_, tx: HandlerTx) => {
      tx.afterCommit(() => {
        this.#deferred++;
      }); // A handling that is repeated counts once.
    });
    observers.observe("Q_DECISION_REFUSED", (_, tx: HandlerTx) => {
      tx.afterCommit(() => {
        this.#refused++;
      });
    });
    observers.observe("Q_DREAM_PROGRESS", (signal) => {
      this.#progress++;
      this.#last = signal;
    });
    for (const name of ["Q_DREAM_COMPLETE", "Q_DREAM_FAILED"] as const) {
      observers.observe(name, ({ facts }) => {
        if (facts.cycle_id === this.#last?.facts.cycle_id) this.#last = null;
      });
    }
  }

  /** Empty while nothing is worth a word. */
  statusLine(): string {
    const parts = [];
    if (this.#last) {
      const { cycle_id, candidates_done, candidates_total } = this.#last.facts;
      parts.push(`${cycle_id}: ${candidates_done}/${candidates_total} candidates`);
    }
    if (this.#deferred + this.#refused > 0)
      parts.push(`decisions deferred ${this.#deferred}, refused ${this.#refused}`);
    return parts.join(", ");
  }

  health(): Record<string, unknown> {
    return {
      decisions_deferred: this.#deferred,
      decisions_refused: this.#refused,
      dream_progress_seen: this.#progress,
      dream_progress: this.#last?.facts ?? null,
    };
  }
}
