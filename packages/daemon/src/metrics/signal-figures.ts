/**
 * What the bus does, in plain numbers per signal name: the hooks only add, everything else waits for a scrape.
 * Names are those of contracts, so that what comes from outside cannot make series without end (P5).
 */
import type { Contracts, HandledSignal, JournalCommit, LetteredSignal } from "@kloros/bus";
import type { DaemonMetric } from "./daemon-families.ts";
import type { Sample } from "./family.ts";
import { DurationHistogram } from "./histogram.ts";

/** The label of dead letters that were no signal. */
const OTHER = "other";

interface Figures {
  emitted: number;
  received: number;
  handled: number;
  retried: number;
  deadLettered: number;
  readonly duration: DurationHistogram;
  readonly latency: DurationHistogram;
}

type Count = "emitted" | "received" | "handled" | "retried" | "deadLettered";

export class SignalFigures {
  readonly #byName = new Map<string, Figures>();
  readonly #emitted = new Set<string>();
  readonly #consumed = new Set<string>();
  readonly #commits = new DurationHistogram();
  #committedBytes = 0;

  /** Whatever the daemon may emit or is to handle counts from 0: a rate over a series that begins at 1 misses the first. */
  know(contracts: Contracts, daemon: string): void {
    for (const name of contracts.names) if (contracts.mayEmit(daemon, name)) this.#emitted.add(name);
    for (const name of contracts.consumedBy(daemon)) this.#consumed.add(name);
    for (const name of [...this.#emitted, ...this.#consumed, OTHER]) this.#of(name);
  }

  readonly onEmitted = ({ signal }: { readonly signal: string }): void => {
    this.#of(signal).emitted++;
  };

  readonly onReceived = ({ signal }: { readonly signal: string }): void => {
    this.#of(signal).received++;
  };

  readonly onHandled = ({ signal, outcome, handlerMs, sinceEmittedMs }: HandledSignal): void => {
    const figures = this.#of(signal);
    figures.duration.observe(handlerMs);
    if (outcome === "retried") figures.retried++;
    if (outcome !== "handled") return;
    figures.handled++;
    figures.latency.observe(sinceEmittedMs);
  };

  readonly onDeadLettered = ({ signal }: LetteredSignal): void => {
    // The name in a dead letter may be anything that a file said.
    const known = signal !== null && this.#consumed.has(signal);
    this.#of(known ? signal : OTHER).deadLettered++;
  };

  readonly onCommitted = ({ bytes, ms }: JournalCommit): void => {
    this.#committedBytes += bytes;
    this.#commits.observe(ms);
  };

  #of(name: string): Figures {
    let figures = this.#byName.get(name);
    if (figures === undefined) {
      figures = {
        emitted: 0,
        received: 0,
        handled: 0,
        retried: 0,
        deadLettered: 0,
        duration: new DurationHistogram(),
        latency: new DurationHistogram(),
      };
      this.#byName.set(name, figures);
    }
    return figures;
  }

  samples(): Partial<Record<DaemonMetric, Sample[]>> {
    const count = (of: Count, names: Iterable<string>): Sample[] =>
      [...names].map((signal) => ({ labels: { signal }, value: this.#of(signal)[of] }));
    const durations = (of: "duration" | "latency"): Sample[] =>
      [...this.#byName].flatMap(([signal, figures]) =>
        figures[of].empty ? [] : figures[of].samples({ signal }),
      );
    return {
      emitted: count("emitted", this.#emitted),
      received: count("received", this.#consumed),
      handled: count("handled", this.#consumed),
      retried: count("retried", this.#consumed),
      deadLettered: count("deadLettered", [...this.#consumed, OTHER]),
      handlerDuration: durations("duration"),
      latency: durations("latency"),
      commitDuration: this.#commits.samples({}),
      committedBytes: [{ labels: {}, value: this.#committedBytes }],
    };
  }
}
