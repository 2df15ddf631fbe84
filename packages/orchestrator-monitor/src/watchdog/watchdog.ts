/**
 * The timeout watchdog: for every contract with `expects`, a durable timer from the trigger to its completion. When it runs
 * out, the contract's `on_timeout` signal is told, once. All it knows of signals it knows from contracts.
 *
 * P3 Each signal's effect on the waits, and each timeout with the end of its wait, is one transaction.
 * P5 Open waits, what is remembered of ended ones, and the size of one commit have limits; the first is loud when it is hit.
 * P10 Waits run on a timeline of their own (`timeline.ts`): a clock that is set moves none of them while this runs.
 *
 * @see watch.ts for what ends a wait, firing.ts for what is looked at before a timeout is told
 */
import type { Node, SignalName } from "@kloros/bus";
import type { DaemonContext, Logger } from "@kloros/daemon";
import type { Config } from "../config.ts";
import type { SignalObservers } from "../observers.ts";
import { readDeadlines } from "./deadlines.ts";
import { type Expectations, expectationsOf } from "./expectations.ts";
import { Firing } from "./firing.ts";
import { Hearing } from "./hear.ts";
import { Ledger } from "./ledger.ts";
import {
  CATCH_UP_MS,
  CLOCK_CHECK_MS,
  MAX_FIRED_PER_COMMIT,
  RETRY_FIRST_MS,
  RETRY_LONGEST_MS,
  SWEEP_MS,
} from "./limits.ts";
import { keepAnchor, keptAnchor, storedMatters } from "./matter-store.ts";
import { sweep } from "./sweep.ts";
import { type Clock, SYSTEM_CLOCK, Timeline } from "./timeline.ts";
import { listWaits, readListRequest, type WaitRow } from "./waiting-list.ts";

export interface WatchdogOptions {
  readonly node: Node;
  readonly log: Logger;
  readonly expectations: Expectations;
  /** Open waits at most. */
  readonly maxWaits: number;
  readonly clock?: Clock;
}

/** The watchdog of this home. @throws {ConfigError} the setting `deadlines` is wrong */
export function watchdogOf({ node, config, log }: DaemonContext<Config>): Watchdog {
  const deadlines = readDeadlines(config.deadlines, node.contracts);
  const expectations = expectationsOf(node.contracts, node.daemon, deadlines);
  return new Watchdog({ node, log, expectations, maxWaits: config.max_waits });
}

/** Longest timer that Node keeps, in milliseconds; a later one is set again. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** Between two looks whether the node has caught up, in milliseconds. */
const CATCH_UP_POLL_MS = 25;

export class Watchdog {
  readonly #options: WatchdogOptions;
  readonly #ledger = new Ledger();
  readonly #timeline: Timeline;
  readonly #hearing: Hearing;
  readonly #firing: Firing;
  #timer: NodeJS.Timeout | undefined;
  #checks: NodeJS.Timeout[] = [];
  #life: "catching_up" | "watching" | "stopped" = "catching_up";
  #running: Promise<void> | null = null;
  #failures = 0;

  constructor(options: WatchdogOptions) {
    this.#options = options;
    const { node, log, expectations, maxWaits } = options;
    const timeline = new Timeline(options.clock ?? SYSTEM_CLOCK, keptAnchor(node.state));
    const shared = { node, log, expectations, timeline, ledger: this.#ledger };
    this.#timeline = timeline;
    this.#hearing = new Hearing({ ...shared, maxWaits, onChange: () => this.#setTimer() });
    this.#firing = new Firing(shared);
    this.#ledger.load(storedMatters(node.state));
  }

  /** Listens to every signal with which a wait begins or ends. */
  observe(observers: SignalObservers): void {
    for (const name of this.#options.expectations.names)
      observers.observe(name as SignalName, (signal, tx) => {
        this.#hearing.onSignal(signal, tx);
      });
  }

  /** Begins to tell timeouts, as soon as the emitters that are there have been caught up with. */
  start(): void {
    this.#checks = [
      setInterval(() => void this.#checkClock(), CLOCK_CHECK_MS),
      setInterval(() => void this.#sweep(), SWEEP_MS),
    ];
    this.#catchUp(performance.now() + CATCH_UP_MS);
  }

  async stop(): Promise<void> {
    this.#life = "stopped";
    clearTimeout(this.#timer);
    for (const check of this.#checks) clearInterval(check);
    await this.#running;
    if (this.#ledger.open.size > 0) await this.#keepAnchor();
  }

  health(): Record<string, unknown> {
    const { open, remembered, counts } = this.#ledger;
    const oldest = this.#ledger.oldest();
    return {
      open: open.size,
      oldest_s: oldest === null ? 0 : Math.round((this.#timeline.now() - oldest.wait.since) / 1_000),
      oldest: oldest?.wait.question_id ?? null,
      fired: counts.fired,
      late: counts.late,
      not_watched: counts.refused,
      remembered: remembered.size,
      full: this.#hearing.isFull,
    };
  }

  statusLine(): string {
    return `${this.#ledger.open.size} waits open`;
  }

  readonly control = {
    "watchdog:list": (data: unknown): readonly WaitRow[] => {
      const { all, limit } = readListRequest(data);
      const stored = all ? storedMatters(this.#options.node.state) : [];
      const { open } = this.#ledger;
      return listWaits(open.values(), stored, this.#timeline.now(), this.#options.expectations, limit);
    },
  };

  #catchUp(giveUpAt: number): void {
    if (this.#life !== "catching_up") return;
    if (this.#options.node.stats().lag === 0 || performance.now() > giveUpAt) {
      this.#life = "watching";
      this.#setTimer();
    } else this.#timer = setTimeout(() => this.#catchUp(giveUpAt), CATCH_UP_POLL_MS);
  }

  /** One timer, for the wait that is due first. */
  #setTimer(): void {
    if (this.#life !== "watching" || this.#running !== null) return;
    clearTimeout(this.#timer);
    const next = this.#ledger.due.next();
    if (next === null) return;
    const delayMs = Math.max(next - this.#timeline.now(), this.#retryDelayMs());
    this.#timer = setTimeout(
      () => {
        this.#running = this.#fire().finally(() => {
          this.#running = null;
          this.#setTimer();
        });
      },
      Math.min(Math.ceil(delayMs), MAX_TIMER_MS),
    );
  }

  async #fire(): Promise<void> {
    const due = this.#ledger.due.takeDue(this.#timeline.now(), MAX_FIRED_PER_COMMIT);
    if (due.length === 0) return;
    try {
      for (const entry of await this.#firing.fire(due)) this.#ledger.due.add(entry);
      this.#failures = 0;
    } catch (err) {
      if (this.#failures++ === 0)
        this.#options.log.error({ err, waits: due.length }, "Timeouts cannot be told now, it is tried again");
      for (const entry of due) if (this.#ledger.open.has(entry.id)) this.#ledger.due.add(entry);
    }
  }

  #retryDelayMs(): number {
    return this.#failures === 0 ? 0 : Math.min(RETRY_FIRST_MS * 2 ** (this.#failures - 1), RETRY_LONGEST_MS);
  }

  /** After the clock was set, the time that passes until a restart is to be counted from the new one. */
  async #checkClock(): Promise<void> {
    if (this.#ledger.open.size > 0 && this.#timeline.wasSet()) await this.#keepAnchor();
  }

  async #keepAnchor(): Promise<void> {
    const { node, log } = this.#options;
    try {
      await node.transact((tx) => {
        keepAnchor(tx, this.#timeline.anchor());
      });
    } catch (err) {
      log.warn({ err }, "The watchdog's time could not be kept; it is kept with the next wait");
    }
  }

  async #sweep(): Promise<void> {
    const { node, log } = this.#options;
    try {
      await sweep(node, this.#ledger, this.#timeline.now(), log);
    } catch (err) {
      log.warn({ err }, "What is too old could not be forgotten; it is tried again");
    }
  }
}
