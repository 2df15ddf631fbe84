/**
 * A daemon's place on the mesh, assembled: emits, transactions, handlers, start and end of its life.
 * What happens when the disk fails is in `disk-trouble.ts`.
 */
import type { Journal } from "../journal/journal.ts";
import type { BusLimits } from "../protocol/limits.ts";
import { currentEpoch } from "../protocol/positions.ts";
import type { EmitterProgress, Subscription } from "../protocol/resume.ts";
import { FloodGuard } from "../protocol/flood.ts";
import type { Contracts } from "../signal/contract.ts";
import type { Envelope, Facts, SignalName } from "../signal/envelope.ts";
import { ContractViolationError } from "../signal/errors.ts";
import type { Transport } from "../transport/transport.ts";
import type { EmitOptions, Handler, HandlerOptions, Node, NodeStats, Receipt, Tx } from "./api.ts";
import { Alerts } from "./alerts.ts";
import { Committer } from "./committer.ts";
import { DeadLetterOffice } from "./dead-letter-office.ts";
import { deadLetter, type LetterInput } from "./dead-letter.ts";
import { DiskTrouble } from "./disk-trouble.ts";
import { Dispatcher, handlerSlot, type Work } from "./dispatcher.ts";
import { EmissionFactory } from "./emission-factory.ts";
import { EmitterPort, type ConsumerRecord } from "./emitter-port.ts";
import { EmitQueueFullError, HandlerRegistrationError, NodeClosedError } from "./errors.ts";
import type { BusLog, NodeHooks } from "./open-node.ts";
import { ReceptorLink } from "./receptor-link.ts";
import { pruneOnce } from "./retention.ts";
import { StateStore } from "./state-store.ts";
import { Transaction } from "./transaction.ts";
import { EMPTY_UNIT, type Emission, type Finish } from "./unit.ts";

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
/** `start` waits so long for emitters that are there to say welcome, in milliseconds. */
const WELCOME_WAIT_MS = 150;

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
  readonly #office: DeadLetterOffice;
  readonly #alerts: Alerts;
  readonly #trouble: DiskTrouble;
  readonly #links = new Map<string, ReceptorLink>();
  readonly #subscriptions = new Map<string, Subscription>();
  readonly #dirtyConsumers = new Map<string, string>();
  #consumersSavedMs = 0;
  readonly #timers: NodeJS.Timeout[] = [];
  #life: "open" | "draining" | "closed" = "open";
  #started = false;
  readonly #counts = { emitted: 0, handled: 0, dead: 0 };

  constructor(parts: NodeParts) {
    this.#parts = parts;
    const { daemon, home, contracts, limits, journal, log, now } = parts;
    [this.daemon, this.home, this.contracts] = [daemon, home, contracts];
    this.state = new StateStore(journal);
    this.#factory = new EmissionFactory({ daemon, journal, contracts, limits, now });
    this.#alerts = new Alerts({ node: this, log });
    this.#trouble = new DiskTrouble({
      log,
      journal,
      links: this.#links,
      onFatal: (error) => parts.hooks.onFatal?.(error),
      forget: (error) => {
        this.state.reset();
        this.#dispatcher.forget(error);
      },
    });
    this.#committer = new Committer({
      ...parts,
      publish: (run) => {
        this.#port.publish(run);
      },
      onEmitted:
        parts.hooks.onEmitted === undefined
          ? null
          : (emission) => {
              this.#onEmitted(emission);
            },
      onFailure: (error) => {
        this.#trouble.onCommitFailed(error);
      },
    });
    this.#port = new EmitterPort({
      ...parts,
      hashOf: (signal) => contracts.get(signal)?.hash,
      load: () => ({
        inbox: this.#dispatcher.waiting,
        in_flight: this.#dispatcher.inFlight,
        lag: this.#lag(),
      }),
      onConsumer: (name, record, urgent) => {
        this.#onConsumer(name, record, urgent);
      },
      onSetBack: (consumer) => this.#startNewEpoch(consumer),
      onMismatch: (consumer, signals) => {
        this.#alerts.contractMismatch(consumer, signals);
      },
    });
    this.#dispatcher = new Dispatcher({
      ...parts,
      abortGraceMs: limits.abortGraceMs,
      transaction: { store: this.state, factory: this.#factory },
      refuse: (envelope) => this.#refusal(envelope),
      onReceived:
        parts.hooks.onReceived === undefined ? null : (envelope) => parts.hooks.onReceived?.(envelope),
      complete: (tx, finish) => {
        this.#submit(tx, finish);
      },
      bury: (work, finish, error, attempts) => {
        this.#bury(work, finish, error, attempts);
      },
      onFlood: (signal, failures, pauseMs) => {
        this.#alerts.handlerPaused(signal, failures, pauseMs);
      },
    });
    this.#office = new DeadLetterOffice({
      home,
      onDelivered: (ids) => {
        this.#committer.submit({ ...SILENT_UNIT, outbox: new Map(ids.map((id) => [id, undefined])) });
      },
      onTrouble: (error, waiting) => {
        log.error({ err: error, waiting }, "Dead letters cannot be written; they wait in the journal");
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

  async emit<N extends SignalName>(signal: N, facts: Facts<N>, options?: EmitOptions): Promise<Receipt> {
    for (;;) {
      this.#checkIntake();
      const prepared = this.#factory.prepare(signal, facts, options, null);
      if (prepared.kind === "known") return prepared.receipt;
      if (prepared.kind === "new") return this.#emitNew(prepared.emission);
      // The same id is on its way to disk: its fate is this emit's fate.
      await this.#committer.settled();
      await new Promise((resolve) => setImmediate(resolve));
    }
  }

  #emitNew(emission: Emission): Promise<Receipt> {
    const { signal, id } = emission;
    if (this.#isVolatile(emission)) {
      this.#publishVolatile(emission);
      return Promise.resolve({ id, signal, seq: 0, durability: "volatile" });
    }
    return new Promise((resolve, reject) => {
      this.#committer.submit({
        ...EMPTY_UNIT,
        emissions: [emission],
        intake: true,
        onDurable: () => {
          this.#counts.emitted++;
          this.#factory.settled(emission);
          resolve({ id, signal, seq: emission.seq, durability: "synced" });
        },
        onFailed: (error) => {
          this.#factory.settled(emission);
          reject(error);
        },
      });
    });
  }

  #checkIntake(): void {
    if (this.#life !== "open") throw new NodeClosedError(this.daemon);
    const { maxPendingEmits } = this.#parts.limits;
    if (this.#committer.pending >= maxPendingEmits)
      throw new EmitQueueFullError(this.daemon, maxPendingEmits);
  }

  transact<T>(body: (tx: Tx) => T): Promise<T> {
    return new Promise((resolve, reject) => {
      this.#checkIntake();
      const tx = new Transaction({ store: this.state, factory: this.#factory, cause: null, attempt: 1 });
      try {
        const result = body(tx);
        tx.end();
        this.#submit(
          tx,
          null,
          () => {
            resolve(result);
          },
          reject,
        );
      } catch (error) {
        tx.forget();
        tx.end();
        throw error;
      }
    });
  }

  /** Hands a finished transaction to the committer, as one unit with what it finishes (P3). */
  #submit(tx: Transaction, finish: Finish | null, done?: () => void, failed?: (error: Error) => void): void {
    const { emissions, writes } = tx;
    const letters = tx.letters.map((letter) => deadLetter(this.daemon, letter, this.#parts.now()));
    const ticket = writes.size > 0 ? this.state.lay(writes) : 0;
    this.#committer.submit({
      ...EMPTY_UNIT,
      emissions: emissions.filter((emission) => !this.#isVolatile(emission)),
      state: writes.size > 0 ? writes : null,
      outbox:
        letters.length > 0 ? new Map(letters.map((letter) => [letter.id, JSON.stringify(letter)])) : null,
      finish,
      intake: finish === null,
      onDurable: () => {
        if (writes.size > 0) this.state.settle(writes, ticket);
        for (const emission of emissions) {
          this.#factory.settled(emission);
          if (this.#isVolatile(emission)) this.#publishVolatile(emission);
        }
        this.#counts.emitted += emissions.length;
        if (finish?.outcome === "handled") this.#counts.handled++;
        for (const letter of letters) this.#office.deliver(letter.id, JSON.stringify(letter));
        for (const effect of tx.effects) this.#run(effect);
        done?.();
      },
      onFailed: (error) => {
        if (writes.size > 0) this.state.settle(writes, ticket);
        tx.forget();
        failed?.(error);
      },
    });
  }

  #run(effect: () => void | Promise<void>): void {
    const report = (error: unknown) => {
      this.#parts.log.error({ err: error }, "An effect after commit failed");
    };
    try {
      const result = effect();
      if (result !== undefined) result.catch(report);
    } catch (error) {
      report(error);
    }
  }

  #bury(work: Work, finish: Finish, error: unknown, attempts: number): void {
    const { envelope } = work;
    const key = `${envelope.source}/${envelope.epoch}/${String(envelope.seq)}`;
    const letter = deadLetter(this.daemon, { key, signal: envelope, error, attempts }, this.#parts.now());
    const line = JSON.stringify(letter);
    this.#parts.log.error(
      { err: error, signal: envelope.signal, id: envelope.id, attempts, dead_letter: letter.id },
      "Signal dead-lettered",
    );
    this.#dispatcher.onBuried(envelope.signal, letter.fingerprint);
    this.#committer.submit({
      ...SILENT_UNIT,
      outbox: new Map([[letter.id, line]]),
      finish,
      onDurable: () => {
        this.#counts.dead++;
        this.#office.deliver(letter.id, line);
      },
    });
  }

  on<N extends SignalName>(signal: N, handler: Handler<N>, options: HandlerOptions = {}): void {
    if (this.#started) throw new HandlerRegistrationError(signal, "register handlers before start()");
    const contract = this.contracts.get(signal);
    if (contract === undefined) throw new HandlerRegistrationError(signal, "there is no such contract");
    if (this.#dispatcher.slots.has(signal))
      throw new HandlerRegistrationError(signal, "it has a handler already");
    if (!contract.consumers.includes(this.daemon)) {
      throw new HandlerRegistrationError(signal, `its contract does not list ${this.daemon} as a consumer`);
    }
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
    const emitters = new Set(
      [...this.#subscriptions.keys()].flatMap((signal) => this.contracts.emittersOf(signal)),
    );
    for (const emitter of emitters) this.#connect(emitter);
    const until = performance.now() + WELCOME_WAIT_MS;
    while ([...this.#links.values()].some((link) => !link.welcomed) && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  #connect(emitter: string): void {
    const { journal, log } = this.#parts;
    const subscriptions = new Map(
      [...this.#subscriptions].filter(([signal]) => this.contracts.emittersOf(signal).includes(emitter)),
    );
    const stored = journal.entries("progress").get(emitter);
    const link = new ReceptorLink(
      {
        ...this.#parts,
        consumer: this.daemon,
        emitter,
        subscriptions,
        enqueue: (work) => {
          this.#dispatcher.enqueue(work);
        },
        persist: (keeper, fresh) => {
          if (fresh) this.#dispatcher.forget(new NodeClosedError(emitter), keeper);
          this.#committer.submit({ ...SILENT_UNIT, touched: keeper });
        },
        onLost: (signal, count, reason) => {
          this.#alerts.signalsLost(emitter, signal, count, reason);
        },
        onMismatch: (signals) => {
          this.#alerts.contractMismatch(emitter, signals);
        },
        onUnreadable: (from, line) => {
          this.#buryRaw(from, line);
        },
      },
      stored === undefined ? null : (JSON.parse(stored) as EmitterProgress),
    );
    this.#links.set(emitter, link);
    log.debug({ emitter, signals: [...subscriptions.keys()] }, "Connecting");
    link.open();
  }

  #buryRaw(emitter: string, line: Buffer): void {
    const letter: LetterInput = {
      key: `${emitter}/raw/${line.toString("base64")}`,
      signal: line,
      error: `${emitter}: a line of its journal is no signal`,
    };
    void this.transact((tx) => {
      tx.deadLetter(letter);
    }).catch((error: unknown) => {
      this.#parts.log.error({ err: error, emitter }, "An unreadable line could not be dead-lettered");
    });
  }

  #tick(): void {
    const now = this.#parts.now();
    this.#dispatcher.onTick(now);
    this.#port.onTick();
    for (const link of this.#links.values()) link.onTick();
    if (this.#dirtyConsumers.size > 0 && Math.abs(now - this.#consumersSavedMs) >= SAVE_CONSUMERS_MS)
      this.#saveConsumers(now);
  }

  #onConsumer(name: string, record: ConsumerRecord, urgent: boolean): void {
    this.#dirtyConsumers.set(name, JSON.stringify(record));
    if (urgent) this.#saveConsumers(this.#parts.now());
  }

  #saveConsumers(now: number): void {
    this.#consumersSavedMs = now;
    this.#committer.submit({ ...SILENT_UNIT, consumers: new Map(this.#dirtyConsumers) });
    this.#dirtyConsumers.clear();
  }

  async #startNewEpoch(consumer: string): Promise<void> {
    const { journal, newEpoch } = this.#parts;
    this.#alerts.journalSetBack(consumer);
    await this.#committer.exclusive(async () => {
      const heads = {
        ...journal.heads,
        epochs: [...journal.heads.epochs, { epoch: newEpoch(), first: journal.heads.last + 1 }],
      };
      const none = new Map<string, string>();
      await journal.commit({
        block: null,
        heads,
        state: none,
        progress: none,
        consumers: none,
        outbox: none,
      });
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

  #isVolatile(emission: Emission): boolean {
    return this.contracts.get(emission.signal)?.kind === "telemetry";
  }

  #publishVolatile(emission: Emission): void {
    const line = `${emission.head},"epoch":"${currentEpoch(this.#parts.journal.heads)}","seq":0,"prev":0}\n`;
    this.#port.publish({ signal: emission.signal, payload: Buffer.from(line) });
    this.#onEmitted(emission);
  }

  #onEmitted(emission: Emission): void {
    this.#parts.hooks.onEmitted?.(emission as unknown as Envelope);
  }

  #lag(): number {
    let lag = 0;
    for (const link of this.#links.values()) lag += link.lag;
    return lag;
  }

  stats(): NodeStats {
    const links = [...this.#links.values()];
    const { journal, now } = this.#parts;
    const paused = [...this.#dispatcher.slots.values()].filter((slot) => slot.pausedUntilMs !== 0);
    return {
      epoch: currentEpoch(journal.heads),
      lastSeq: journal.heads.last,
      emitted: this.#counts.emitted,
      handled: this.#counts.handled,
      deadLettered: this.#counts.dead,
      inbox: this.#dispatcher.waiting,
      inFlight: this.#dispatcher.inFlight,
      lag: this.#lag(),
      oldestHandlerMs: this.#dispatcher.oldestMs(now()),
      paused: paused.map((slot) => slot.signal),
      droppedFrames:
        this.#port.dropped + this.#port.garbage + links.reduce((sum, link) => sum + link.garbage, 0),
      gapsHealed: links.reduce((sum, link) => sum + link.healed, 0),
    };
  }

  async drain(deadlineMs: number): Promise<void> {
    if (this.#life !== "open") return;
    this.#life = "draining";
    for (const link of this.#links.values()) link.pause();
    this.#dispatcher.stop();
    const until = performance.now() + deadlineMs;
    while (this.#dispatcher.inFlight > 0 && performance.now() < until)
      await new Promise((resolve) => setTimeout(resolve, 5));
    this.#dispatcher.forget(new NodeClosedError(this.daemon));
    await this.#committer.settled();
    for (const link of this.#links.values()) link.onCommitted();
  }

  async close(): Promise<void> {
    if (this.#life === "closed") return;
    await this.drain(0);
    this.#life = "closed";
    for (const timer of this.#timers) clearInterval(timer);
    this.#trouble.stop();
    await this.#office.close();
    await this.#committer.settled();
    await Promise.all([...this.#links.values()].map((link) => link.close()));
    await this.#port.close();
    await this.#parts.journal.close();
  }
}

/** For what the node does on its own account: a failure is dealt with by `DiskTrouble`, and the work comes again. */
const SILENT_UNIT = { ...EMPTY_UNIT, onDurable: noop, onFailed: noop } as const;

function noop(): void {
  // See SILENT_UNIT.
}
