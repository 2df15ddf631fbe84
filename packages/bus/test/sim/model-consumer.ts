/** A consumer without handlers or disk around the real receptor: accepts, finishes in any order, commits, dies, comes back. */
import type { NameStream, Outcome } from "../../src/protocol/name-stream.ts";
import type { ReceptorAction } from "../../src/protocol/receptor-actions.ts";
import { ReceptorCore } from "../../src/protocol/receptor.ts";
import type { EmitterProgress, Subscription } from "../../src/protocol/resume.ts";
import type { Ack, Batch, Fetch, Heartbeat, Hello, Unwelcome, Welcome } from "../../src/protocol/wire.ts";
import type { LiveFrame, ModelSignal } from "./model-journal.ts";

export type ToEmitter = Hello | Fetch | Ack;
export type Reply =
  Welcome | Unwelcome | { readonly header: Batch; readonly signals: readonly ModelSignal[] };

interface Accepted {
  readonly signal: ModelSignal;
  readonly stream: NameStream;
}

interface Finished {
  readonly accepted: Accepted;
  readonly outcome: Outcome;
}

export interface ConsumerOptions {
  readonly name: string;
  readonly emitter: string;
  readonly subscriptions: ReadonlyMap<string, Subscription>;
  readonly window: number;
  readonly random: () => number;
  readonly send: (message: ToEmitter) => void;
}

export class ModelConsumer {
  readonly name: string;
  /** How often each signal had its durable effect, by uid. */
  readonly effects = new Map<number, number>();
  readonly alarms: ReceptorAction[] = [];
  core: ReceptorCore;
  readonly #options: ConsumerOptions;
  #durable: EmitterProgress | null = null;
  #accepted: Accepted[] = [];
  #finished: Finished[] = [];
  readonly #lastSeq = new Map<string, number>();

  constructor(options: ConsumerOptions) {
    this.name = options.name;
    this.#options = options;
    this.core = this.#newCore();
  }

  get durable(): EmitterProgress | null {
    return this.#durable;
  }
  get idle(): boolean {
    return (
      this.#accepted.length === 0 && this.#finished.length === 0 && this.core.welcomed && this.core.lag === 0
    );
  }

  #newCore(): ReceptorCore {
    const { name, emitter, subscriptions, window, random } = this.#options;
    const limits = {
      maxInboxSignals: window,
      maxInboxBytes: 1_000_000,
      ledgerDeadlineMs: 200,
      heartbeatIdleMs: 1_000,
    };
    return new ReceptorCore({
      consumer: name,
      emitter,
      subscriptions,
      progress: this.#durable,
      limits,
      random,
    });
  }

  /** Killed and started again: only what was durable is left. */
  restart(): void {
    this.#forget();
    this.core = this.#newCore();
  }

  #forget(): void {
    this.#accepted = [];
    this.#finished = [];
    this.#lastSeq.clear();
  }

  #act(actions: readonly ReceptorAction[]): void {
    for (const action of actions) {
      if (action.kind === "send") this.#options.send(action.message);
      else if (action.kind === "persist") this.#durable = clone(this.core.progress());
      else if (action.kind === "start_over") this.#startOver();
      else if (action.kind !== "welcomed") this.alarms.push(action);
    }
  }

  /** What has finished is on its way to disk and arrives there; then all begins again from there. */
  #startOver(): void {
    this.#accepted = [];
    this.#write(this.#finished.splice(0));
    this.restart();
  }

  onTick(now: number): void {
    this.#act(this.core.onTick(now));
  }

  onHeartbeat(heartbeat: Heartbeat, now: number): void {
    this.#act(this.core.onHeartbeat(heartbeat, now));
  }

  onLive({ name, signals }: LiveFrame, now: number): void {
    for (const signal of signals) {
      const offer = this.core.offerLive(name, signal.epoch, signal.seq, signal.prev);
      if (offer === "accepted") this.#accept(signal);
      else if (offer === "gap" || offer === "full") break;
    }
    this.#act(this.core.onLiveSeen(now));
  }

  onReply(reply: Reply, now: number): void {
    if ("header" in reply) this.#onBatch(reply, now);
    else if (reply.t === "welcome") this.#act(this.core.onWelcome(reply, now));
    else this.#act(this.core.onUnwelcome(now));
  }

  #onBatch({ header, signals }: Extract<Reply, { header: unknown }>, now: number): void {
    if (!this.core.beginBatch(header)) return;
    let whole = true;
    for (const signal of signals) {
      const offer = this.core.offerFetched(signal.name, signal.seq);
      if (offer === "accepted") this.#accept(signal);
      if (offer !== "full") continue;
      whole = false;
      break;
    }
    this.#act(this.core.onBatchEnd(header, whole, now));
    this.#act(this.core.pull(now));
  }

  #accept(signal: ModelSignal): void {
    const stream = this.core.streams.get(signal.name) as NameStream;
    const before = this.#lastSeq.get(signal.name) ?? 0;
    if (signal.seq <= before)
      throw new Error(`${this.name}: ${signal.name} ${String(signal.seq)} offered after ${String(before)}`);
    this.#lastSeq.set(signal.name, signal.seq);
    this.#accepted.push({ signal, stream });
    const held = this.#accepted.filter((one) => one.stream === stream).length;
    if (held > stream.window)
      throw new Error(`${this.name}: ${String(held)} held, window ${String(stream.window)}`);
  }

  /** A handler ends: any of those that were accepted, not only the oldest. */
  finishOne(): void {
    const [accepted] = this.#accepted.splice(Math.floor(this.#options.random() * this.#accepted.length), 1);
    if (accepted !== undefined)
      this.#finished.push({ accepted, outcome: this.#options.random() < 0.1 ? "dead" : "handled" });
  }

  finishAll(): void {
    while (this.#accepted.length > 0) this.finishOne();
  }

  /** What has finished goes to disk in one piece; `dies` in the middle of it: nothing has. */
  commit(now: number, dies: boolean): void {
    const batch = this.#finished.splice(0);
    if (batch.length === 0) return;
    if (dies) {
      this.restart();
      return;
    }
    this.#write(batch);
    this.#act(this.core.onCommitted(now));
    this.#act(this.core.pull(now));
  }

  /** P3: progress and effects are durable together. */
  #write(batch: readonly Finished[]): void {
    for (const { accepted, outcome } of batch) accepted.stream.finish(accepted.signal.seq, outcome);
    this.#durable = clone(this.core.progress());
    for (const { accepted } of batch) {
      const { uid } = accepted.signal;
      this.effects.set(uid, (this.effects.get(uid) ?? 0) + 1);
    }
  }
}

/** As the journal stores it. */
function clone(progress: EmitterProgress | null): EmitterProgress | null {
  return progress === null ? null : (JSON.parse(JSON.stringify(progress)) as EmitterProgress);
}
