/**
 * What becomes of refused connections: each is counted, the first of each kind are logged, and a flood of them is one alert.
 * Whoever is refused decides how often, so neither log nor alerts may grow with it (P5).
 */
import type { Refusal } from "../transport/transport.ts";
import type { BusLog } from "./node-options.ts";

/** Refusals are told anew in each window, in milliseconds. */
const WINDOW_MS = 60_000;
/** Different refusals (who, with which key, why) that get a log line of their own within a window. */
const MAX_LINES = 10;
/** Refusals within a window that are a flood. A client that is refused once tries no more often than a person. */
const FLOOD_REFUSALS = 20;

export interface RefusalsOptions {
  readonly log: BusLog;
  /** Milliseconds that only go forward. */
  readonly elapsedMs: () => number;
  readonly onFlood: (last: Refusal, refusals: number) => void;
}

export class Refusals {
  readonly #options: RefusalsOptions;
  #windowEndsMs = 0;
  #told = new Set<string>();
  #inWindow = 0;
  #unlogged = 0;
  #flooding = false;
  count = 0;

  constructor(options: RefusalsOptions) {
    this.#options = options;
  }

  note(refusal: Refusal): void {
    const { log, elapsedMs, onFlood } = this.#options;
    this.onTick();
    if (this.#windowEndsMs === 0) this.#windowEndsMs = elapsedMs() + WINDOW_MS;
    this.count++;
    this.#inWindow++;
    const key = `${refusal.reason} ${String(refusal.key)} ${String(refusal.address)}`;
    if (this.#told.size < MAX_LINES && !this.#told.has(key)) {
      this.#told.add(key);
      log.warn(told(refusal), "A connection was refused");
    } else this.#unlogged++;
    if (this.#inWindow < FLOOD_REFUSALS || this.#flooding) return;
    this.#flooding = true;
    onFlood(refusal, this.#inWindow);
  }

  /** Says what was not logged one by one; a flood is over when a window saw less than one. */
  onTick(): void {
    const nowMs = this.#options.elapsedMs();
    if (this.#windowEndsMs > 0 && nowMs >= this.#windowEndsMs) this.#nextWindow(nowMs);
  }

  #nextWindow(nowMs: number): void {
    if (this.#unlogged > 0)
      this.#options.log.warn({ count: this.#unlogged }, "More connections were refused in the last minute");
    if (this.#inWindow < FLOOD_REFUSALS) this.#flooding = false;
    this.#windowEndsMs = this.#inWindow === 0 ? 0 : nowMs + WINDOW_MS;
    this.#told = new Set();
    this.#inWindow = 0;
    this.#unlogged = 0;
  }
}

function told({ reason, address, key, name }: Refusal): object {
  return {
    reason,
    address: address ?? "unknown",
    key: key ?? "no key",
    ...(name === null ? {} : { key_of: name }),
  };
}
