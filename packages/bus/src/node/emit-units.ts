/** The two units of the hot path, as classes: thousands of them wait at once, so each holds only what it needs. */
import type { Receipt } from "./api.ts";
import type { EmissionFactory } from "./emission-factory.ts";
import type { Counts, Emission, Finish, Unit } from "./unit.ts";

/** One `emit()` that waits for its receipt. */
export class EmitUnit implements Unit {
  readonly emissions: readonly [Emission];
  readonly intake = true;
  readonly #factory: EmissionFactory;
  readonly #counts: Counts;
  readonly #resolve: (receipt: Receipt) => void;
  readonly #reject: (error: Error) => void;

  constructor(
    emission: Emission,
    parts: { readonly factory: EmissionFactory; readonly counts: Counts },
    resolve: (receipt: Receipt) => void,
    reject: (error: Error) => void,
  ) {
    this.emissions = [emission];
    this.#factory = parts.factory;
    this.#counts = parts.counts;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  onDurable(): void {
    const [emission] = this.emissions;
    const { id, signal, seq } = emission;
    this.#counts.emitted++;
    this.#factory.settled(emission);
    this.#resolve({ id, signal, seq, durability: "synced" });
  }

  onFailed(error: Error): void {
    this.#factory.dropped(this.emissions[0]);
    this.#reject(error);
  }
}

/** A handling that changed nothing but the cursor. */
export class FinishUnit implements Unit {
  readonly finish: Finish;
  readonly #counts: Counts;

  constructor(finish: Finish, counts: Counts) {
    this.finish = finish;
    this.#counts = counts;
  }

  onDurable(): void {
    this.#counts.handled++;
  }
}
