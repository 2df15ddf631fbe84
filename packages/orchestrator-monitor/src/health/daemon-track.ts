/**
 * What is remembered of one daemon from look to look, and what its checks measure. Pure: looks and the time are passed in.
 * While it starts or stops nothing of it is judged; when it is off, what was wrong with it before is over.
 */
import { Backlog } from "./backlog.ts";
import type { CheckName } from "./check-table.ts";
import type { Measured } from "./level.ts";
import type { HealthAnswer, Sighting } from "../supervision/sighting.ts";

export interface Reading extends Measured {
  readonly check: CheckName;
  readonly subject: string;
  /** More to say than the value, in a clause. */
  readonly detail?: string;
  /** In place of the check's own recommended action. */
  readonly action?: string;
}

/** null: nothing of this daemon is to be judged; what was wrong is over for `reason`. */
export type DaemonReadings = { readonly readings: readonly Reading[] } | { readonly off: string };

type Own = Omit<Reading, "subject">;

export class DaemonTrack {
  readonly #daemon: string;
  readonly #backlog = new Backlog();
  /** Since when, in the caller's milliseconds; null: not so. */
  #silentSince: number | null = null;
  #stuckSince: number | null = null;
  #floodSince: number | null = null;

  constructor(daemon: string) {
    this.#daemon = daemon;
  }

  /** @param now milliseconds that only go forward; @param wallMs milliseconds since 1970 */
  see(sighting: Sighting, now: number, wallMs: number): DaemonReadings {
    switch (sighting.kind) {
      case "off":
        this.#forget();
        return { off: sighting.what };
      case "in_between":
        this.#forget();
        return { readings: [] }; // As it was: what comes of it will be seen.
      case "silent": {
        this.#silentSince ??= now;
        const detail = sighting.why;
        const action = sighting.alive ? {} : { action: "look_at_the_log" };
        // It may have been silent before the first look.
        return this.#all([
          { check: "heartbeat", value: now - this.#silentSince, exact: false, detail, ...action },
        ]);
      }
      case "well":
        this.#silentSince = null;
        return this.#all([
          { check: "heartbeat", value: 0, exact: true },
          ...this.#measure(sighting.answer, now, wallMs),
        ]);
    }
  }

  #forget(): void {
    this.#silentSince = this.#stuckSince = this.#floodSince = null;
  }

  #all(readings: readonly Own[]): DaemonReadings {
    return { readings: readings.map((reading) => ({ ...reading, subject: this.#daemon })) };
  }

  *#measure(answer: HealthAnswer, now: number, wallMs: number): Generator<Own> {
    const { rss_bytes, stuck, starts, event_loop_delay_ms: delay, stats } = answer;
    if (rss_bytes !== undefined) yield { check: "daemon_memory", value: rss_bytes, exact: true };
    this.#stuckSince = stuck ? (this.#stuckSince ?? now) : null;
    yield { check: "stuck", ...lasting(this.#stuckSince, now), ...(stuck ? { detail: stuck } : {}) };
    if (starts?.unclean_24h !== undefined)
      yield { check: "restarts", value: starts.unclean_24h, exact: true };
    if (delay?.p99 !== undefined) yield { check: "event_loop_delay", value: delay.p99, exact: true };
    yield byHand(answer, wallMs);
    if (stats) yield* this.#measureStats(answer, now);
  }

  *#measureStats({ stats, lag, pid }: HealthAnswer, now: number): Generator<Own> {
    const { handled = 0, deadLettered = 0, paused = [], journalBytes, maxJournalBytes } = stats ?? {};
    if (lag !== undefined && pid !== undefined) {
      this.#backlog.see({ at: now, lag, finished: handled + deadLettered, pid });
      const detail = `${lag} signals wait`;
      yield { check: "lag_age", ...this.#backlog.age(now), detail };
      yield { check: "lag_growth", value: this.#backlog.growth(), exact: true, detail };
    }
    this.#floodSince = paused.length > 0 ? (this.#floodSince ?? now) : null;
    const flooded = paused.length > 0 ? { detail: paused.join(", ") } : {};
    yield { check: "flood_pause", ...lasting(this.#floodSince, now), ...flooded };
    if (journalBytes !== undefined && maxJournalBytes !== undefined && maxJournalBytes > 0)
      yield { check: "journal_size", value: (100 * journalBytes) / maxJournalBytes, exact: true };
  }
}

/** A condition that lasts since the first look may be older. */
function lasting(since: number | null, now: number): Measured {
  return since === null ? { value: 0, exact: true } : { value: now - since, exact: false };
}

/** The longest pause by hand; its beginning is a time of the wall clock. */
function byHand({ paused = [] }: HealthAnswer, wallMs: number): Own {
  const ages = paused.map(({ since }) => wallMs - Date.parse(since)).filter((ageMs) => ageMs >= 0);
  const value = ages.reduce((a, b) => Math.max(a, b), 0);
  const detail = paused.map(({ signal }) => signal).join(", ");
  return { check: "hand_pause", value, exact: true, ...(detail === "" ? {} : { detail }) };
}
