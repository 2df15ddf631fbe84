/**
 * Attempts that were given up because they went on past their deadline and the abort grace, and that still run. The bus goes
 * on without them; whoever supervises the process may restart it, since what they hold is never given back.
 */
export class HungHandlers {
  readonly #signals = new Map<string, number>();
  readonly #attempts = new WeakMap<object, string>();

  /** `attempt` stands for one run of a handler; it was given up and has not returned. */
  add(attempt: object, signal: string): void {
    this.#attempts.set(attempt, signal);
    this.#signals.set(signal, (this.#signals.get(signal) ?? 0) + 1);
  }

  /** The handler has returned after all, or was never hung. */
  returned(attempt: object): void {
    const signal = this.#attempts.get(attempt);
    if (signal === undefined) return;
    this.#attempts.delete(attempt);
    const left = (this.#signals.get(signal) ?? 1) - 1;
    if (left === 0) this.#signals.delete(signal);
    else this.#signals.set(signal, left);
  }

  /** Signals of which at least one such attempt still runs. */
  get signals(): string[] {
    return [...this.#signals.keys()];
  }
}
