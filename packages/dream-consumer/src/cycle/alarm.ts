/** A wait that can be cut short: by a ring, or by the end of the daemon. By the monotonic clock. */

/** Longest that a Node timer can wait, in milliseconds; who waits longer looks again then. */
const MAX_TIMER_MS = 2 ** 31 - 1;

export class Alarm {
  readonly #stopping: AbortSignal;
  #wake: (() => void) | null = null;
  /** It rang while nobody waited. */
  #rang = false;

  constructor(stopping: AbortSignal) {
    this.#stopping = stopping;
    stopping.addEventListener("abort", () => this.ring(), { once: true });
  }

  ring(): void {
    this.#rang = true;
    this.#wake?.();
  }

  /** Resolves at a ring (also one since the last wait), or after so long; Infinity: only at a ring. */
  async wait(ms: number): Promise<void> {
    if (!this.#rang && !this.#stopping.aborted) await this.#sleep(ms);
    this.#rang = false;
  }

  /** Resolves after so long, whatever rings, unless the daemon stops. */
  async pause(ms: number): Promise<void> {
    const untilMs = performance.now() + ms;
    for (let left = ms; left > 0 && !this.#stopping.aborted; left = untilMs - performance.now())
      await this.#sleep(left);
  }

  async #sleep(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, Math.min(Math.ceil(ms), MAX_TIMER_MS));
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
    this.#wake = null;
  }
}
