/** What a daemon under test has emitted, in order; each can be waited for once. */
import type { EmittedSignal, Facts, SignalName } from "@kloros/bus";

/** An emitted signal with the facts of its contract. */
export type Emission<N extends SignalName = SignalName> = Omit<EmittedSignal, "signal" | "facts"> & {
  readonly signal: N;
  readonly facts: Facts<N>;
};

export class Emissions {
  readonly #all: EmittedSignal[] = [];
  readonly #known = new Set<string>();
  readonly #taken = new Set<string>();
  #wake: () => void = () => undefined;

  /** Once each, however often it is told. */
  add(signal: EmittedSignal): void {
    if (this.#known.has(signal.id)) return;
    this.#known.add(signal.id);
    this.#all.push(signal);
    this.#wake();
  }

  all(): readonly Emission[] {
    return this.#all as readonly Emission[];
  }

  of<N extends SignalName>(name: N): readonly Emission<N>[] {
    return this.#all.filter(({ signal }) => signal === name) as unknown as readonly Emission<N>[];
  }

  /** The next one of that name which nobody has waited for yet; undefined when none came in time. */
  async next<N extends SignalName>(name: N, deadlineMs: number): Promise<Emission<N> | undefined> {
    const giveUpAt = performance.now() + deadlineMs;
    for (;;) {
      const found = this.of(name).find(({ id }) => !this.#taken.has(id));
      if (found !== undefined) {
        this.#taken.add(found.id);
        return found;
      }
      const leftMs = giveUpAt - performance.now();
      if (leftMs <= 0) return undefined;
      await this.#news(leftMs);
    }
  }

  async #news(withinMs: number): Promise<void> {
    const earlier = this.#wake;
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, withinMs);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
        earlier();
      };
    });
  }
}
