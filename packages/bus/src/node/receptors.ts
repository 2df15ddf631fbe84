/** All receptors of a node: one link for each emitter that its handlers' contracts name. */
import type { Journal } from "../journal/journal.ts";
import type { BusLimits } from "../protocol/limits.ts";
import type { EmitterProgress, Subscription } from "../protocol/resume.ts";
import type { Contracts } from "../signal/contract.ts";
import type { Transport } from "../transport/transport.ts";
import type { Alerts } from "./alerts.ts";
import type { Committer } from "./committer.ts";
import type { Dispatcher } from "./dispatcher.ts";
import { NodeClosedError } from "./errors.ts";
import type { Link } from "./link-options.ts";
import { ReceptorLink } from "./receptor-link.ts";
import type { Finish } from "./unit.ts";

export interface ReceptorsOptions {
  readonly daemon: string;
  readonly contracts: Contracts;
  readonly limits: BusLimits;
  readonly journal: Journal;
  readonly transport: Transport;
  readonly now: () => number;
  readonly random: () => number;
  readonly committer: Committer;
  readonly dispatcher: Dispatcher;
  readonly alerts: Alerts;
  readonly onUnreadable: (emitter: string, line: Buffer, finish: Finish | null) => void;
}

/** `connect` waits so long for emitters that are there to say welcome, in milliseconds. */
const WELCOME_WAIT_MS = 150;
const WELCOME_POLL_MS = 5;

export class Receptors {
  readonly links = new Map<string, ReceptorLink>();
  readonly #options: ReceptorsOptions;

  constructor(options: ReceptorsOptions) {
    this.#options = options;
  }

  /** Resolves when every emitter that answers has welcomed this consumer; the others are waited for in the background. */
  async connect(subscriptions: ReadonlyMap<string, Subscription>): Promise<void> {
    const { contracts } = this.#options;
    const emitters = new Set([...subscriptions.keys()].flatMap((signal) => contracts.emittersOf(signal)));
    for (const emitter of emitters) {
      this.#open(
        emitter,
        new Map([...subscriptions].filter(([signal]) => contracts.emittersOf(signal).includes(emitter))),
      );
    }
    const until = performance.now() + WELCOME_WAIT_MS;
    while ([...this.links.values()].some((link) => !link.welcomed) && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, WELCOME_POLL_MS));
    }
  }

  #open(emitter: string, subscriptions: ReadonlyMap<string, Subscription>): void {
    const { daemon, dispatcher, committer, alerts, onUnreadable } = this.#options;
    const link = new ReceptorLink(
      {
        ...this.#options,
        consumer: daemon,
        emitter,
        subscriptions,
        enqueue: (work) => {
          dispatcher.enqueue(work);
        },
        persist: (keeper) => {
          committer.submit({ touched: keeper });
        },
        startOver: (keeper) => {
          this.#startOver(keeper);
        },
        onLost: (signal, count, reason) => {
          alerts.signalsLost(emitter, signal, count, reason);
        },
        onSetBack: () => {
          alerts.journalSetBack(emitter);
        },
        onMismatch: (signals) => {
          alerts.contractMismatch(emitter, signals);
        },
        onImpostor: (address) => {
          alerts.impostor(emitter, address);
        },
        onDistrusted: (signal, source) => {
          alerts.distrusted(emitter, signal, source);
        },
        onUnreadable,
      },
      this.#stored().get(emitter) ?? null,
    );
    this.links.set(emitter, link);
    link.open();
  }

  onTick(): void {
    for (const link of this.links.values()) link.onTick();
  }

  pause(): void {
    for (const link of this.links.values()) link.pause();
  }

  resume(): void {
    for (const link of this.links.values()) link.resume();
  }

  /** The emitter's journal is another one: begins again from what is on disk once all that was submitted has arrived there. */
  #startOver(link: Link): void {
    const { dispatcher, committer } = this.#options;
    dispatcher.forget(new NodeClosedError(link.emitter), link);
    committer.submit({
      touched: link,
      onDurable: () => {
        link.reset(this.#stored().get(link.emitter) ?? null);
        link.resume();
      },
    });
  }

  /** Back to what is on disk: what was accepted since comes again. */
  reset(): void {
    const stored = this.#stored();
    for (const link of this.links.values()) link.reset(stored.get(link.emitter) ?? null);
  }

  #stored(): Map<string, EmitterProgress> {
    const entries = [...this.#options.journal.entries("progress")];
    return new Map(entries.map(([emitter, json]) => [emitter, JSON.parse(json) as EmitterProgress]));
  }

  sum(of: (link: ReceptorLink) => number): number {
    let sum = 0;
    for (const link of this.links.values()) sum += of(link);
    return sum;
  }

  async close(): Promise<void> {
    await Promise.all([...this.links.values()].map((link) => link.close()));
  }
}
