/**
 * What the watchdog does with a signal, in its handler's transaction (P3): waits that it ends, and the wait that it begins.
 */
import type { Envelope, HandlerTx, Tx } from "@kloros/bus";
import type { Logger } from "@kloros/daemon";
import { type Expectations, type Expected, matterOf } from "./expectations.ts";
import type { Ledger } from "./ledger.ts";
import { keepAnchor, keepFacts, keyOf, type Stepped, stepMatter } from "./matter-store.ts";
import type { Timeline } from "./timeline.ts";
import { questionIdOf, tryOf } from "./timeout-facts.ts";
import type { Wait } from "./watch.ts";

export interface HearingOptions {
  readonly expectations: Expectations;
  readonly ledger: Ledger;
  readonly timeline: Timeline;
  readonly log: Logger;
  /** Open waits at most. */
  readonly maxWaits: number;
  /** Something was committed: timers are to be set anew. */
  readonly onChange: () => void;
}

/** Share of the limit below which it counts as free again. */
const FREE_AGAIN = 0.9;

export class Hearing {
  readonly #options: HearingOptions;
  /** The signal with which the limit was hit, and that was said; null while there is room. */
  #fullSince: string | null = null;

  constructor(options: HearingOptions) {
    this.#options = options;
  }

  get isFull(): boolean {
    return this.#fullSince !== null;
  }

  onSignal(signal: Envelope, tx: HandlerTx): void {
    const { expectations, timeline } = this.#options;
    const { id, signal: name, correlation_id, causation_id } = signal;
    for (const matter of expectations.mattersEndedBy(signal)) {
      const event = { kind: "completion", id, signal: name, causation_id, found: "delivered" } as const;
      this.#commit(tx, stepMatter(tx, keyOf(matter), correlation_id, event, timeline.now()));
    }
    const expected = expectations.bySignal.get(name);
    if (expected !== undefined) this.#onTrigger(signal, expected, tx);
  }

  #onTrigger(signal: Envelope, expected: Expected, tx: HandlerTx): void {
    const { ledger, timeline, maxWaits } = this.#options;
    if (ledger.open.size < maxWaits * FREE_AGAIN) this.#fullSince = null;
    const wait = this.#waitFor(signal, expected);
    if (ledger.open.size >= maxWaits) {
      this.#refuse(tx, wait, `${maxWaits} waits are open`);
      return;
    }
    const { causation_id, correlation_id } = signal;
    const event = { kind: "trigger", wait, causation_id } as const;
    const key = keyOf(matterOf(expected, signal));
    const stepped = stepMatter(tx, key, correlation_id, event, timeline.now());
    for (const action of stepped?.actions ?? []) {
      if (action.kind === "armed") {
        keepFacts(tx, wait.id, signal.facts);
        keepAnchor(tx, timeline.anchor());
      }
      if (action.kind === "refused") this.#refuse(tx, wait, "too many waits are open in its story");
    }
    this.#commit(tx, stepped);
  }

  /** A signal that was on its way for longer than the deadline is due at once; none is due later than the deadline from now. */
  #waitFor(signal: Envelope, expected: Expected): Wait {
    const now = this.#options.timeline.now();
    const since = Math.max(this.#options.timeline.momentOf(signal.timestamp), now - expected.within_ms);
    return {
      id: signal.id,
      signal: signal.signal,
      any_of: expected.any_of,
      since,
      due: since + expected.within_ms,
      question_id: questionIdOf(expected, signal),
      ...tryOf(signal),
    };
  }

  /** Not watched, and not in silence: a log line each, one alert until there is room again. */
  #refuse(tx: Tx, { id, signal, question_id }: Wait, why: string): void {
    const { log, maxWaits, ledger } = this.#options;
    log.error({ signal, id, question_id, why }, "Not watched: no timeout will be told for this signal");
    tx.afterCommit(() => {
      ledger.counts.refused++;
    });
    this.#fullSince ??= id;
    if (this.#fullSince !== id) return; // A handling that is run again says it again.
    tx.emit("Q_HEALTH_ALERT", {
      alert_type: "watchdog_full",
      severity: "critical",
      metric_value: `${ledger.open.size} open waits; ${signal} ${question_id} is not watched: ${why}`,
      threshold: `max_waits ${maxWaits}`,
      recommended_action:
        "run kloros waits and start the daemons that are waited for, or raise daemons.orchestrator_monitor.max_waits",
    });
  }

  #commit(tx: Tx, stepped: Stepped | null): void {
    if (stepped === null) return;
    tx.afterCommit(() => {
      this.#options.ledger.follow(stepped);
      tellOf(this.#options.log, stepped);
      this.#options.onChange();
    });
  }
}

/** What is out of the ordinary, in the log. */
export function tellOf(log: Logger, { matter, actions }: Stepped): void {
  for (const action of actions) {
    const { id, signal, question_id } = action.wait;
    const story = { signal, id, question_id, correlation_id: matter.correlation_id };
    if (action.kind === "late")
      log.warn({ ...story, late: action.by.signal, late_id: action.by.id }, "Completion after its timeout");
    if (action.kind === "answered" && action.when !== "open")
      log.info({ ...story, by: action.by.signal, by_id: action.by.id }, "Nothing to wait for: it is done");
  }
}
