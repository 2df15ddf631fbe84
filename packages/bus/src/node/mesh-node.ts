/**
 * A daemon's place on the mesh, assembled: who calls whom, the start and the end of its life.
 * Each part's promises stand in its own file; what happens when the disk fails is in `disk-trouble.ts`.
 */
import type { Journal } from "../journal/journal.ts";
import { FloodGuard } from "../protocol/flood.ts";
import type { BusLimits } from "../protocol/limits.ts";
import { currentEpoch } from "../protocol/positions.ts";
import type { Subscription } from "../protocol/resume.ts";
import type { Contracts } from "../signal/contract.ts";
import type { Envelope, Facts, SignalName } from "../signal/envelope.ts";
import { ContractViolationError } from "../signal/errors.ts";
import { traceparentOf } from "../signal/id-generator.ts";
import { envelopeLine } from "../signal/serialize-envelope.ts";
import type { Transport } from "../transport/transport.ts";
import { Alerts } from "./alerts.ts";
import type { EmitOptions, Handler, HandlerOptions, Node, NodeStats, Receipt, Tx } from "./api.ts";
import { Committer } from "./committer.ts";
import { DeadLetterOffice } from "./dead-letter-office.ts";
import { DiskTrouble } from "./disk-trouble.ts";
import { Dispatcher, handlerSlot } from "./dispatcher.ts";
import { EmissionFactory } from "./emission-factory.ts";
import { EmitUnit } from "./emit-units.ts";
import { EmitterPort, type ConsumerRecord } from "./emitter-port.ts";
import { EmitQueueFullError, HandlerRegistrationError, NodeClosedError } from "./errors.ts";
import type { BusLog, NodeHooks } from "./open-node.ts";
import { Receptors } from "./receptors.ts";
import { pruneOnce } from "./retention.ts";
import { StateStore } from "./state-store.ts";
import { Transactions } from "./transactions.ts";
import type { Counts, Emission } from "./unit.ts";

export interface NodeParts {
  readonly daemon: string;
  readonly home: string;
  readonly contracts: Contracts;
  readonly limits: BusLimits;
  readonly hooks: NodeHooks;
  readonly log: BusLog;
  readonly now: () => number;
  readonly random: () => number;
  readonly transport: Transport;
  readonly journal: Journal;
  readonly newEpoch: () => string;
  readonly freeBytes: () => number;
}

/** Deadlines, heartbeats, hellos and acks are looked after this often, in milliseconds. */
const TICK_MS = 100;
/** Acks of consumers are saved together, at most this often, in milliseconds: losing one only keeps signals longer. */
const SAVE_CONSUMERS_MS = 1_000;
/** How often `drain` looks whether the last handler has finished, in milliseconds. */
const DRAIN_POLL_MS = 5;

export class MeshNode implements Node {
  readonly daemon: string;
  readonly home: string;
  readonly contracts: Contracts;
  readonly state: StateStore;
  readonly #parts: NodeParts;
  readonly #factory: EmissionFactory;
  readonly #committer: Committer;
  readonly #port: EmitterPort;
  readonly #dispatcher: Dispatcher;
  readonly #receptors: Receptors;
  readonly #transactions: Transactions;
  readonly #office: DeadLetterOffice;
  readonly #alerts: Alerts;
  readonly #trouble: DiskTrouble;
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #dirtyConsumers = new Map<string, string>();
  readonly #counts: Counts = { emitted: 0, handled: 0, dead: 0 };
  readonly #emitParts: { readonly factory: EmissionFactory; readonly counts: Counts };
  readonly #timers: NodeJS.Timeout[] = [];
  #consumersSavedMs = 0;
  #life: "open" | "draining" | "closed" = "open";
  #started = false;

  constructor(parts: NodeParts) {
    this.#parts = parts;
    const { daemon, home, contracts, limits, journal, log, hooks, now } = parts;
    [this.daemon, this.home, this.contracts] = [daemon, home, contracts];
    const store = (this.state = new StateStore(journal));
    const factory = (this.#factory = new EmissionFactory({ daemon, journal, contracts, limits, now }));
    this.#emitParts = { factory, counts: this.#counts };
    const alerts = (this.#alerts = new Alerts({ node: this, log }));
    const committer = (this.#committer = new Committer({
      ...parts,
      publish: (run) => {
        this.#port.publish(run);
      },
      onEmitted:
        hooks.onEmitted === undefined
          ? null
          : (emission) => {
              this.#onEmitted(emission);
            },
      onFailure: (error) => {
        this.#trouble.onCommitFailed(error);
      },
    }));
    this.#port = new EmitterPort({
      ...parts,
      hashOf: (signal) => contracts.get(signal)?.hash,
      load: () => ({
        inbox: dispatcher.waiting,
        in_flight: dispatcher.inFlight,
        lag: this.#receptors.sum((link) => link.lag),
      }),
      onConsumer: (name, record, urgent) => {
        this.#onConsumer(name, record, urgent);
      },
      onSetBack: (consumer) => this.#startNewEpoch(consumer),
      onMismatch: (consumer, signals) => {
        alerts.contractMismatch(consumer, signals);
      },
    });
    const dispatcher = (this.#dispatcher = new Dispatcher({
      ...parts,
      abortGraceMs: limits.abortGraceMs,
      transaction: { store, factory },
      refuse: (envelope) => this.#refusal(envelope),
      onReceived: hooks.onReceived === undefined ? null : (envelope) => hooks.onReceived?.(envelope),
      complete: (tx, finish) => {
        this.#transactions.complete(tx, finish);
      },
      bury: (work, finish, error, attempts) => {
        this.#transactions.bury(work, finish, error, attempts);
      },
      onFlood: (signal, failures, pauseMs) => {
        alerts.handlerPaused(signal, failures, pauseMs);
      },
    }));
    const office = (this.#office = new DeadLetterOffice({
      home,
      onDelivered: (ids) => {
        committer.submit({ outbox: new Map(ids.map((id) => [id, undefined])) });
      },
      onTrouble: (error, waiting) => {
        log.error({ err: error, waiting }, "Dead letters cannot be written; they wait in the journal");
      },
    }));
    this.#transactions = new Transactions({
      ...{ daemon, store, factory, committer, office, log, now, counts: this.#counts },
      publishVolatile: (emission) => {
        this.#publishVolatile(emission);
      },
      onBuried: (signal, fingerprint) => {
        dispatcher.onBuried(signal, fingerprint);
      },
    });
    const receptors = (this.#receptors = new Receptors({
      ...{ ...parts, committer, dispatcher, alerts },
      onUnreadable: (emitter, line) => {
        this.#transactions.buryRaw(emitter, line);
      },
    }));
    this.#trouble = new DiskTrouble({
      ...{ log, receptors },
      onFatal: (error) => {
        hooks.onFatal?.(error);
      },
      forget: (error) => {
        store.reset();
        dispatcher.forget(error);
      },
    });
  }

  async open(): Promise<void> {
    await this.#office.recover(this.#parts.journal.entries("outbox"));
    await this.#port.open();
    this.#timers.push(
      setInterval(() => {
        this.#tick();
      }, TICK_MS),
    );
    this.#timers.push(setInterval(() => void this.#prune(), this.#parts.limits.pruneIntervalMs));
  }

  emit<N extends SignalName>(signal: N, facts: Facts<N>, options?: EmitOptions): Promise<Receipt> {
    try {
      this.#checkIntake();
      const prepared = this.#factory.prepare(signal, facts, options, null);
      if (prepared.kind === "known") return Promise.resolve(prepared.receipt);
      if (prepared.kind === "new") return this.#emitNew(prepared.emission);
    } catch (error) {
      return Promise.reject(error);
    }
    return this.#emitAgain(signal, facts, options);
  }

  /** The same id is on its way to disk: its fate is this emit's fate. */
  async #emitAgain<N extends SignalName>(
    signal: N,
    facts: Facts<N>,
    options?: EmitOptions,
  ): Promise<Receipt> {
    await this.#committer.settled();
    await new Promise((resolve) => setImmediate(resolve));
    return this.emit(signal, facts, options);
  }

  #emitNew(emission: Emission): Promise<Receipt> {
    const { id, signal, volatile } = emission;
    if (volatile) {
      this.#publishVolatile(emission);
      return Promise.resolve({ id, signal, seq: 0, durability: "volatile" });
    }
    return new Promise((resolve, reject) => {
      this.#committer.submit(new EmitUnit(emission, this.#emitParts, resolve, reject));
    });
  }

  #checkIntake(): void {
    if (this.#life !== "open") throw new NodeClosedError(this.daemon);
    const { maxPendingEmits } = this.#parts.limits;
    if (this.#committer.pending >= maxPendingEmits)
      throw new EmitQueueFullError(this.daemon, maxPendingEmits);
  }

  async transact<T>(body: (tx: Tx) => T): Promise<T> {
    this.#checkIntake();
    return this.#transactions.transact(body);
  }

  on<N extends SignalName>(signal: N, handler: Handler<N>, options: HandlerOptions = {}): void {
    const refuse = (detail: string): never => {
      throw new HandlerRegistrationError(signal, detail);
    };
    if (this.#started) refuse("register handlers before start()");
    const contract = this.contracts.get(signal) ?? refuse("there is no such contract");
    if (this.#dispatcher.slots.has(signal)) refuse("it has a handler already");
    if (!contract.consumers.includes(this.daemon))
      refuse(`its contract does not list ${this.daemon} as a consumer`);
    this.#subscriptions.set(signal, { from: options.from ?? "earliest", hash: contract.hash });
    const flood = new FloodGuard(this.#parts.limits);
    this.#dispatcher.slots.set(signal, handlerSlot(signal, handler as unknown as Handler, options, flood));
  }

  #refusal(envelope: Envelope): Error | null {
    const problems = this.contracts.problemsIn(envelope.signal, envelope.facts);
    return problems.length === 0 ? null : new ContractViolationError(envelope.signal, problems);
  }

  async start(): Promise<void> {
    this.#started = true;
    await this.#receptors.connect(this.#subscriptions);
  }

  #tick(): void {
    const now = this.#parts.now();
    this.#dispatcher.onTick(now);
    this.#port.onTick();
    this.#receptors.onTick();
    const due = Math.abs(now - this.#consumersSavedMs) >= SAVE_CONSUMERS_MS;
    if (due && this.#dirtyConsumers.size > 0) this.#saveConsumers(now);
  }

  #onConsumer(name: string, record: ConsumerRecord, urgent: boolean): void {
    this.#dirtyConsumers.set(name, JSON.stringify(record));
    if (urgent) this.#saveConsumers(this.#parts.now());
  }

  #saveConsumers(now: number): void {
    this.#consumersSavedMs = now;
    this.#committer.submit({ consumers: new Map(this.#dirtyConsumers) });
    this.#dirtyConsumers.clear();
  }

  async #startNewEpoch(consumer: string): Promise<void> {
    const { journal, newEpoch } = this.#parts;
    this.#alerts.journalSetBack(consumer);
    await this.#committer.exclusive(async () => {
      const epochs = [...journal.heads.epochs, { epoch: newEpoch(), first: journal.heads.last + 1 }];
      await journal.saveHeads({ ...journal.heads, epochs });
    });
  }

  async #prune(): Promise<void> {
    const options = { ...this.#parts, committer: this.#committer, consumers: this.#port.consumers };
    const onOwedRemoved = (owed: Readonly<Record<string, number>>) => {
      this.#alerts.owedRemoved(owed);
    };
    try {
      while (this.#life === "open" && (await pruneOnce({ ...options, onOwedRemoved })) > 0);
    } catch (error) {
      this.#trouble.onCommitFailed(error as Error);
    }
  }

  #publishVolatile(emission: Emission): void {
    const { signal, correlation_id, id, factsJson } = emission;
    const epoch = currentEpoch(this.#parts.journal.heads);
    const line = envelopeLine(emission, factsJson, traceparentOf(correlation_id, id), epoch, 0, 0);
    this.#port.publish({ signal, payload: Buffer.from(`${line}\n`) });
    this.#onEmitted(emission);
  }

  #onEmitted(emission: Emission): void {
    this.#parts.hooks.onEmitted?.(emission);
  }

  stats(): NodeStats {
    const { journal, now } = this.#parts;
    const dispatcher = this.#dispatcher;
    const { emitted, handled, dead } = this.#counts;
    return {
      epoch: currentEpoch(journal.heads),
      lastSeq: journal.heads.last,
      ...{ emitted, handled, deadLettered: dead },
      inbox: dispatcher.waiting,
      inFlight: dispatcher.inFlight,
      lag: this.#receptors.sum((link) => link.lag),
      oldestHandlerMs: dispatcher.oldestMs(now()),
      paused: dispatcher.paused,
      droppedFrames: this.#port.dropped + this.#port.garbage + this.#receptors.sum((link) => link.garbage),
      gapsHealed: this.#receptors.sum((link) => link.healed),
    };
  }

  async drain(deadlineMs: number): Promise<void> {
    if (this.#life !== "open") return;
    this.#life = "draining";
    this.#receptors.pause();
    this.#dispatcher.stop();
    const until = performance.now() + deadlineMs;
    while (this.#dispatcher.inFlight > 0 && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
    }
    this.#dispatcher.forget(new NodeClosedError(this.daemon));
    await this.#committer.settled();
    for (const link of this.#receptors.links.values()) link.onCommitted();
  }

  async close(): Promise<void> {
    if (this.#life === "closed") return;
    await this.drain(0);
    this.#life = "closed";
    for (const timer of this.#timers) clearInterval(timer);
    this.#trouble.stop();
    await this.#office.close();
    await this.#committer.settled();
    await this.#receptors.close();
    await this.#port.close();
    await this.#parts.journal.close();
  }
}
