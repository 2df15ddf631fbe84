/**
 * Notices a flood of identical failures, so that one broken cause pauses its handler instead of writing ten thousand
 * dead letters. Pure; one instance per handler.
 */
import type { BusLimits } from "./limits.ts";

export type FloodVerdict =
  | { readonly kind: "go_on" }
  | { readonly kind: "pause"; readonly untilMs: number; readonly failures: number };

type FloodLimits = Pick<BusLimits, "floodFailures" | "floodWindowMs" | "floodPauseMs" | "floodPauseMaxMs">;

/** Different fingerprints watched at once; the oldest is forgotten, since a flood is by nature few causes. */
const MAX_FINGERPRINTS = 32;

export class FloodGuard {
  readonly #limits: FloodLimits;
  readonly #failures = new Map<string, number[]>();
  #pauses = 0;

  constructor(limits: FloodLimits) {
    this.#limits = limits;
  }

  onDeadLetter(fingerprint: string, nowMs: number): FloodVerdict {
    const since = nowMs - this.#limits.floodWindowMs;
    const times = (this.#failures.get(fingerprint) ?? []).filter((at) => at > since && at <= nowMs);
    times.push(nowMs);
    this.#failures.delete(fingerprint);
    this.#failures.set(fingerprint, times);
    if (this.#failures.size > MAX_FINGERPRINTS) this.#forgetOldest();
    // After a first pause one more identical failure is enough: the cause is still there.
    const limit = this.#pauses > 0 ? 1 : this.#limits.floodFailures;
    if (times.length < limit) return { kind: "go_on" };
    this.#failures.delete(fingerprint);
    const pauseMs = Math.min(
      this.#limits.floodPauseMaxMs,
      this.#limits.floodPauseMs * 2 ** Math.min(this.#pauses++, 30),
    );
    return { kind: "pause", untilMs: nowMs + pauseMs, failures: times.length };
  }

  onHandled(): void {
    if (this.#pauses > 0) this.#pauses = 0;
    if (this.#failures.size > 0) this.#failures.clear();
  }

  #forgetOldest(): void {
    const oldest = this.#failures.keys().next();
    if (oldest.done !== true) this.#failures.delete(oldest.value);
  }
}
