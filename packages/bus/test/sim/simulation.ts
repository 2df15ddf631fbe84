/**
 * A mesh of pure parts under a virtual clock: one emitter, several consumers, a wire that loses, doubles, delays and mixes
 * up. One seed is one history; the same seed is the same history.
 */
import { seededRandom } from "../../src/testing/index.ts";
import type { Subscription } from "../../src/protocol/resume.ts";
import { ModelConsumer, type Reply, type ToEmitter } from "./model-consumer.ts";
import { ModelJournal, type LiveFrame, type ModelSignal } from "./model-journal.ts";

export interface Plan {
  readonly seed: number;
  readonly steps: number;
  /** Retention may take what consumers still owe. */
  readonly forcedPrunes?: boolean;
  /** The journal may be set back to an old copy. */
  readonly setBacks?: boolean;
  /** Answers of an emitter may arrive after it was restarted. */
  readonly emitterRestarts?: boolean;
}

const NAMES = ["Q_TEST_A", "Q_TEST_B", "Q_TEST_C"];
const HOUR_MS = 3_600_000;
const MAX_LATENCY_MS = 40;
const SETTLE_ROUNDS = 4_000;

export class Simulation {
  readonly journal = new ModelJournal("left");
  readonly consumers: ModelConsumer[];
  readonly everything: ModelSignal[] = [];
  /** Signals that retention took, or that a journal set back no longer holds, before everybody had them. */
  readonly gone = new Set<number>();
  setBackCount = 0;
  readonly #plan: Plan;
  readonly #random: () => number;
  #now = 0;
  #events: { at: number; order: number; run: () => void }[] = [];
  #order = 0;
  #losses = { live: 0.1, request: 0.1, duplicate: 0.1 };
  #copy: ReturnType<ModelJournal["copy"]> | null = null;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#random = seededRandom(plan.seed);
    this.consumers = [NAMES, NAMES.slice(0, 1), NAMES.slice(1)].map((names, n) => this.#consumer(n, names));
  }

  #consumer(n: number, names: readonly string[]): ModelConsumer {
    const subscription: Subscription = { from: "earliest", hash: "h" };
    const consumer: ModelConsumer = new ModelConsumer({
      name: `consumer-${String(n)}`,
      emitter: "left",
      subscriptions: new Map(names.map((name) => [name, subscription])),
      window: [3, 10, 50][n] as number,
      random: this.#random,
      send: (message) => {
        this.#request(consumer, message);
      },
    });
    return consumer;
  }

  #hit(probability: number): boolean {
    return this.#random() < probability;
  }

  #later(run: () => void): void {
    this.#events.push({ at: this.#now + this.#random() * MAX_LATENCY_MS, order: this.#order++, run });
  }

  #request(consumer: ModelConsumer, message: ToEmitter): void {
    if (this.#hit(this.#losses.request)) return;
    this.#later(() => {
      const reply = this.#answer(consumer, message);
      if (reply === null || this.#hit(this.#losses.request)) return;
      this.#later(() => {
        consumer.onReply(reply, this.#now);
      });
    });
  }

  #answer(consumer: ModelConsumer, message: ToEmitter): Reply | null {
    if (message.t === "hello") return this.journal.welcome(message);
    if (message.t === "fetch") return this.journal.batch(message);
    this.journal.acked.set(consumer.name, message);
    return null;
  }

  #publish(frames: readonly LiveFrame[]): void {
    for (const frame of frames) {
      this.everything.push(...frame.signals);
      this.#broadcast((consumer) => {
        consumer.onLive(frame, this.#now);
      });
    }
  }

  #broadcast(deliver: (consumer: ModelConsumer) => void): void {
    for (const consumer of this.consumers) {
      if (this.#hit(this.#losses.live)) continue;
      const run = () => {
        deliver(consumer);
      };
      this.#later(run);
      if (this.#hit(this.#losses.duplicate)) this.#later(run);
    }
  }

  run(): void {
    for (let step = 0; step < this.#plan.steps; step++) this.#step();
    this.#settle();
  }

  #step(): void {
    this.#pass(this.#random() * 30);
    const consumer = this.consumers[Math.floor(this.#random() * this.consumers.length)] as ModelConsumer;
    const dice = this.#random();
    if (dice < 0.25) this.#publish(this.journal.emit(this.#someNames()));
    else if (dice < 0.5) consumer.finishOne();
    else if (dice < 0.7) consumer.commit(this.#now, this.#hit(0.1));
    else if (dice < 0.72) consumer.restart();
    else if (dice < 0.74 && this.#plan.emitterRestarts === true) this.journal.restart();
    else if (dice < 0.76) this.#prune(this.#plan.forcedPrunes === true && this.#hit(0.3));
    else if (dice < 0.77)
      this.#losses = this.#hit(0.4)
        ? { live: 1, request: 1, duplicate: 0 }
        : { live: 0.2, request: 0.1, duplicate: 0.2 };
    else if (dice < 0.775) this.#pass(HOUR_MS);
    else if (dice < 0.785 && this.#plan.setBacks === true) this.#copyOrSetBack();
  }

  /** Time passes: messages arrive, everybody ticks, the emitter's heart beats. */
  #pass(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const due = this.#events
        .filter(({ at }) => at <= until)
        .sort((a, b) => a.at - b.at || a.order - b.order)[0];
      if (due === undefined) break;
      this.#events = this.#events.filter((event) => event !== due);
      this.#now = Math.max(this.#now, due.at);
      due.run();
    }
    this.#now = until;
    for (const consumer of this.consumers) consumer.onTick(this.#now);
    if (this.#hit(0.2)) this.#beat();
  }

  #beat(): void {
    const heartbeat = this.journal.heartbeat();
    this.#broadcast((consumer) => {
      consumer.onHeartbeat(heartbeat, this.#now);
    });
  }

  #someNames(): string[] {
    return Array.from(
      { length: 1 + Math.floor(this.#random() * 6) },
      () => NAMES[Math.floor(this.#random() * 3)] as string,
    );
  }

  #prune(forced: boolean): void {
    const { heads, first } = this.journal;
    const owed = this.consumers.flatMap(({ durable }) =>
      durable === null
        ? [first]
        : Object.entries(durable.names).map(([name, { cursor }]) =>
            cursor >= (heads.names[name]?.last ?? 0) ? Infinity : cursor + 1,
          ),
    );
    const free = Math.min(heads.last + 1, ...owed);
    const upTo = forced ? free + Math.floor(this.#random() * (heads.last + 1 - free)) : free;
    if (upTo <= first) return;
    for (const { uid } of this.journal.prune(upTo)) this.gone.add(uid);
  }

  #copyOrSetBack(): void {
    if (this.#copy === null) {
      this.#copy = this.journal.copy();
      return;
    }
    const kept = new Set(this.#copy.signals.map(({ uid }) => uid));
    for (const { uid } of this.journal.signals) if (!kept.has(uid)) this.gone.add(uid);
    this.journal.setBack(this.#copy);
    this.#copy = null;
    this.setBackCount++;
  }

  /** No more faults: everybody must come to rest. */
  #settle(): void {
    this.#losses = { live: 0, request: 0, duplicate: 0 };
    for (let round = 0; round < SETTLE_ROUNDS; round++) {
      this.#pass(100);
      this.#beat();
      for (const consumer of this.consumers) {
        consumer.finishAll();
        consumer.commit(this.#now, false);
      }
      if (
        this.#events.length <= this.consumers.length &&
        this.consumers.every((consumer) => consumer.idle && this.#knowsAll(consumer))
      )
        return;
    }
    throw new Error(`never came to rest: ${this.#picture()}`);
  }

  #picture(): string {
    const consumers = this.consumers.map(({ core, idle }) => {
      const streams = [...core.streams.values()].map(
        ({ name, cursor, seen, head, unfinished, gap }) =>
          `${name} cursor ${String(cursor)} seen ${String(seen)} head ${String(head)} unfinished ${String(unfinished)} gap ${String(gap)}`,
      );
      return `idle ${String(idle)} welcomed ${String(core.welcomed)} ${streams.join(", ")}`;
    });
    return [JSON.stringify(this.journal.heads.names), ...consumers].join("\n");
  }

  #knowsAll(consumer: ModelConsumer): boolean {
    const { heads } = this.journal;
    return [...consumer.core.streams.values()].every(({ name, cursor, seen }) => {
      const head = heads.names[name];
      return head === undefined || (cursor === seen && seen >= Math.min(head.last, heads.last));
    });
  }
}
