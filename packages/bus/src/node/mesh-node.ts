/** A daemon's place on the mesh: its doors, the start and the end of its life. The parts are put together in `assembly.ts`. */
import { FloodGuard } from "../protocol/flood.ts";
import { currentEpoch } from "../protocol/positions.ts";
import type { Subscription } from "../protocol/resume.ts";
import type { Contracts } from "../signal/contract.ts";
import type { Facts, SignalName } from "../signal/envelope.ts";
import type {
  EmitOptions,
  Handler,
  HandlerOptions,
  HandPause,
  Node,
  NodeStats,
  Receipt,
  StateReader,
  Tx,
} from "./api.ts";
import { assemble, type Assembly, type NodeParts } from "./assembly.ts";
import { EmitUnit } from "./emit-units.ts";
import { EmitQueueFullError, HandlerRegistrationError, NodeClosedError } from "./errors.ts";
import { HandPauses } from "./hand-pauses.ts";
import { handlerSlot } from "./handler-slot.ts";
import { pruneOnce } from "./retention.ts";
import { SelfProbe } from "./self-probe.ts";
import { unfinished, type Unfinished } from "./unfinished.ts";
import type { Emission } from "./unit.ts";

/** Deadlines, heartbeats, hellos and acks are looked after this often while something goes on, in milliseconds. */
const TICK_MS = 100;
/** The same while nothing does: each wake of an idle process costs more than what it looks after. */
const IDLE_TICK_MS = 250;
/** A node that has just started has emitters to meet, in milliseconds. */
const YOUNG_MS = 3_000;
/** How often `drain` looks whether the last handler has finished, in milliseconds. */
const DRAIN_POLL_MS = 5;

export class MeshNode implements Node {
  readonly daemon: string;
  readonly home: string;
  readonly contracts: Contracts;
  readonly state: StateReader;
  readonly #parts: NodeParts;
  readonly #a: Assembly;
  readonly #probe: SelfProbe;
  readonly #pauses: HandPauses;
  readonly #subscriptions = new Map<string, Subscription>();
  #ticking: NodeJS.Timeout | undefined;
  #pruning: NodeJS.Timeout | undefined;
  #openedMs = 0;
  #life: "open" | "draining" | "closed" = "open";
  #started = false;

  constructor(parts: NodeParts) {
    this.#parts = parts;
    this.daemon = parts.daemon;
    this.home = parts.home;
    this.contracts = parts.contracts;
    this.#a = assemble(parts, this);
    this.state = this.#a.store;
    this.#probe = new SelfProbe(parts);
    const { dispatcher } = this.#a;
    this.#pauses = new HandPauses({
      ...parts,
      stored: (prefix) => parts.journal.stateList(prefix),
      transact: (body) => this.transact(body),
      hold: (signal, isHeld) => {
        dispatcher.hold(signal, isHeld);
      },
      isHandled: (signal) => dispatcher.slots.has(signal),
      onTrouble: (err, signal) => {
        parts.log.warn({ err, signal }, "The end of a pause could not be written down");
      },
    });
  }

  async open(): Promise<void> {
    await this.#a.office.recover(this.#parts.journal.entries("outbox"));
    await this.#a.port.open();
    this.#openedMs = this.#parts.elapsedMs();
    this.#scheduleTick();
    this.#pruning = setInterval(() => void this.#prune(), this.#parts.limits.pruneIntervalMs);
  }

  emit<N extends SignalName>(signal: N, facts: Facts<N>, options?: EmitOptions): Promise<Receipt> {
    try {
      this.#checkIntake();
      const prepared = this.#a.factory.prepare(signal, facts, options, null);
      if (prepared.kind === "known") return Promise.resolve(prepared.receipt);
      if (prepared.kind === "new") return this.#emitNew(prepared.emission);
      // The same id is on its way to disk: its fate is this emit's fate.
      const { id } = prepared.emission;
      return this.#a.factory.whenSettled(id).then(() => this.emit(signal, facts, options));
    } catch (error) {
      // eslint-disable-next-line @typescript-eslint/prefer-promise-reject-errors -- whatever it is, the caller gets it as it is
      return Promise.reject(error);
    }
  }

  #emitNew(emission: Emission): Promise<Receipt> {
    const { id, signal, volatile } = emission;
    if (volatile) {
      this.#a.publishVolatile(emission);
      return Promise.resolve({ id, signal, seq: 0, durability: "volatile" });
    }
    return new Promise((resolve, reject) => {
      this.#a.committer.submit(new EmitUnit(emission, this.#a, resolve, reject));
    });
  }

  #checkIntake(): void {
    if (this.#life !== "open") throw new NodeClosedError(this.daemon);
    const { maxPendingEmits } = this.#parts.limits;
    if (this.#a.committer.pending >= maxPendingEmits)
      throw new EmitQueueFullError(this.daemon, maxPendingEmits);
  }

  async transact<T>(body: (tx: Tx) => T): Promise<T> {
    this.#checkIntake();
    return this.#a.transactions.transact(body);
  }

  on<N extends SignalName>(signal: N, handler: Handler<N>, options: HandlerOptions = {}): void {
    const refuse = (detail: string): never => {
      throw new HandlerRegistrationError(signal, detail);
    };
    const { slots } = this.#a.dispatcher;
    if (this.#started) refuse("register handlers before start()");
    const contract = this.contracts.get(signal) ?? refuse("there is no such contract");
    if (slots.has(signal)) refuse("it has a handler already");
    if (!this.contracts.consumedBy(this.daemon).includes(signal))
      refuse(`its contract does not list ${this.daemon} as a consumer`);
    this.#subscriptions.set(signal, { from: options.from ?? "earliest", hash: contract.hash });
    const flood = new FloodGuard(this.#parts.limits);
    slots.set(signal, handlerSlot(signal, handler as unknown as Handler, options, flood));
    if (this.#pauses.has(signal)) this.#a.dispatcher.hold(signal, true);
  }

  async start(): Promise<void> {
    this.#started = true;
    const deaf = this.contracts.consumedBy(this.daemon).filter((name) => !this.#subscriptions.has(name));
    if (deaf.length > 0)
      this.#parts.log.warn({ signals: deaf }, "Signals without a handler, they stay at their emitters");
    await this.#a.receptors.connect(this.#subscriptions);
  }

  #scheduleTick(): void {
    const { dispatcher } = this.#a;
    const young = this.#parts.elapsedMs() - this.#openedMs < YOUNG_MS;
    const busy = young || dispatcher.inFlight > 0 || dispatcher.waiting > 0;
    this.#ticking = setTimeout(
      () => {
        this.#tick();
        this.#scheduleTick();
      },
      busy ? TICK_MS : IDLE_TICK_MS,
    );
  }

  #tick(): void {
    const now = this.#parts.elapsedMs();
    this.#a.dispatcher.onTick(now);
    if (this.#life === "open") this.#pauses.onTick(now);
    this.#a.port.onTick();
    this.#a.receptors.onTick();
    this.#a.registry.onTick(now);
  }

  async #prune(): Promise<void> {
    const { committer, port, alerts, trouble } = this.#a;
    const onOwedRemoved = (owed: Readonly<Record<string, number>>) => {
      alerts.owedRemoved(owed);
    };
    const options = { ...this.#parts, committer, consumers: port.consumers, onOwedRemoved };
    try {
      while (this.#life === "open" && (await pruneOnce(options)) > 0);
    } catch (error) {
      trouble.onCommitFailed(error as Error);
    }
  }

  stats(): NodeStats {
    const { journal, elapsedMs } = this.#parts;
    const { dispatcher, receptors, port, counts } = this.#a;
    return {
      epoch: currentEpoch(journal.heads),
      lastSeq: journal.heads.last,
      emitted: counts.emitted,
      handled: counts.handled,
      deadLettered: counts.dead,
      inbox: dispatcher.waiting,
      inFlight: dispatcher.inFlight,
      lag: receptors.sum((link) => link.lag),
      oldestHandlerMs: dispatcher.oldestMs(elapsedMs()),
      hung: dispatcher.hung.signals,
      journalWriteMs: journal.writingMs,
      paused: dispatcher.paused,
      droppedFrames: port.dropped + port.garbage + receptors.sum((link) => link.garbage),
      gapsHealed: receptors.sum((link) => link.healed),
      refusedPeers: port.refused,
      // A journal that is being closed must not be read: after a failed commit that ends the process.
      journalBytes: this.#life === "closed" ? 0 : journal.usedBytes(),
      maxJournalBytes: this.#parts.limits.maxJournalBytes,
    };
  }

  async probe(deadlineMs: number): Promise<void> {
    if (this.#life === "closed") throw new NodeClosedError(this.daemon);
    await this.#probe.run(deadlineMs);
  }

  pause(signal: string, { untilMs }: { readonly untilMs?: number } = {}): Promise<void> {
    return this.#pauses.pause(signal, untilMs ?? null);
  }

  resume(signal: string): Promise<boolean> {
    return this.#pauses.resume(signal);
  }

  get pausedByHand(): readonly HandPause[] {
    return this.#pauses.list;
  }

  unfinished(signals: readonly SignalName[]): AsyncIterable<Unfinished> {
    const { home, contracts, daemon, journal } = this.#parts;
    return unfinished({ home, contracts, own: { daemon, journal } }, signals);
  }

  async drain(deadlineMs: number, lastly?: (tx: Tx) => void): Promise<void> {
    if (this.#life !== "open") return;
    this.#life = "draining";
    const { dispatcher, receptors, committer } = this.#a;
    receptors.pause();
    dispatcher.stop();
    const until = performance.now() + deadlineMs;
    while (dispatcher.inFlight > 0 && performance.now() < until) {
      await new Promise((resolve) => setTimeout(resolve, DRAIN_POLL_MS));
    }
    dispatcher.forget(new NodeClosedError(this.daemon));
    await committer.settled();
    for (const link of receptors.links.values()) link.leave();
    if (lastly !== undefined) await this.#a.transactions.transact(lastly);
  }

  async close(): Promise<void> {
    if (this.#life === "closed") return;
    await this.drain(0);
    this.#life = "closed";
    const { trouble, office, committer, receptors, port } = this.#a;
    clearTimeout(this.#ticking);
    clearInterval(this.#pruning);
    trouble.stop();
    await office.close();
    await committer.settled();
    await receptors.close();
    await this.#probe.close();
    await port.close();
    await this.#parts.journal.close();
  }
}
