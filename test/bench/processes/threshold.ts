/** A count that is waited for. */
import { nowNs } from "./protocol.ts";

export class Threshold {
  #count = 0;
  #target = Infinity;
  #reached: (atNs: number) => void = () => undefined;

  add(): void {
    if (++this.#count === this.#target) this.#reached(nowNs());
  }

  /** The moment, in nanoseconds, in which the count from the beginning reaches `target`. */
  reaches(target: number): Promise<number> {
    if (this.#count >= target) return Promise.resolve(nowNs());
    this.#target = target;
    return new Promise((resolve) => {
      this.#reached = resolve;
    });
  }
}
