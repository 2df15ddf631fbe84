/**
 * The receptor of one emitter as a state machine: (event, now) → actions. It notices every signal it missed and asks the
 * ledger for it (P4), accepts each signal once (P3), and never holds more than its windows allow (P5).
 * Sockets, parsing, handlers and disk stand outside (node/receptor-link.ts).
 *
 * R1  At most one fetch is under way; its answer or its deadline ends it.
 * R2  Without a welcome nothing is accepted: only the emitter knows where this receptor's story continues.
 */
import type { ReceptorAction, ReceptorOptions } from "./receptor-actions.ts";
import { AckSchedule } from "./ack-schedule.ts";
import { backoffDelayMs } from "./backoff.ts";
import { CorruptSpans } from "./corrupt-spans.ts";
import { fetchPlan } from "./fetch-plan.ts";
import type { NameStream, Offer } from "./name-stream.ts";
import type { EpochSpan } from "./positions.ts";
import { cursorsIn, cursorsOf, progressOf } from "./standing.ts";
import { resume, type EmitterProgress } from "./resume.ts";
import { WIRE_VERSION, type Batch, type Fetch, type Heartbeat, type Hello, type Welcome } from "./wire.ts";

/** Hellos to an emitter that is not there: soon at first, then seldom. */
const HELLO_BACKOFF = { baseDelayMs: 100, maxDelayMs: 2_000 };
/** Numbers of fetches begin below this. */
const MAX_FIRST_REQUEST = 2 ** 40;
/** After so many unanswered fetches the connection is taken for dead and the receptor says hello again. */
const MAX_UNANSWERED_FETCHES = 3;
/** A silence of so many heartbeat periods makes the receptor ask whether the emitter is still there. */
const SILENT_HEARTBEATS = 3;

export class ReceptorCore {
  readonly streams = new Map<string, NameStream>();
  readonly #options: ReceptorOptions;
  /** The emitter's life as its last welcome told it. */
  #epochs: readonly EpochSpan[];
  readonly #acks: AckSchedule;
  #progress: EmitterProgress | null;
  #corrupt: CorruptSpans | null = null;
  #welcomed = false;
  #helloAttempts = 0;
  #nextHelloMs = 0;
  /** Begins anywhere: an answer that was meant for a predecessor on the same connection must not be taken for one's own. */
  #req: number;
  #fetching: { readonly message: Fetch; readonly deadlineMs: number } | null = null;
  #unanswered = 0;
  /** Names whose journal was set back and has not been seen to its end since. */
  #lastHeardMs = 0;
  healed = 0;

  constructor(options: ReceptorOptions) {
    this.#options = options;
    this.#progress = options.progress;
    this.#req = Math.floor(options.random() * MAX_FIRST_REQUEST);
    this.#epochs = options.progress?.epochs ?? [];
    this.#acks = new AckSchedule(cursorsOf(options.progress, options.subscriptions));
  }

  get #epoch(): string | null {
    return this.#epochs[this.#epochs.length - 1]?.epoch ?? null;
  }

  get welcomed(): boolean {
    return this.#welcomed;
  }
  get lag(): number {
    let lag = 0;
    for (const stream of this.streams.values()) lag += stream.unfinished + (stream.behind ? 1 : 0);
    return lag;
  }

  /** Time passes: hellos, deadlines, acks. To be called at least every few hundred milliseconds. */
  onTick(nowMs: number): ReceptorAction[] {
    const actions: ReceptorAction[] = [];
    const silentMs = SILENT_HEARTBEATS * this.#options.limits.heartbeatIdleMs;
    if (this.#welcomed && nowMs - this.#lastHeardMs > silentMs) this.#sayHelloAgain(nowMs);
    if (this.#fetching !== null && nowMs >= this.#fetching.deadlineMs) {
      this.#fetching = null;
      if (++this.#unanswered >= MAX_UNANSWERED_FETCHES) this.#sayHelloAgain(nowMs);
    }
    if (!this.#welcomed && nowMs >= this.#nextHelloMs) {
      const delay = backoffDelayMs(++this.#helloAttempts, HELLO_BACKOFF, this.#options.random());
      this.#nextHelloMs = nowMs + delay;
      actions.push({ kind: "send", message: this.#hello() });
    }
    this.#pull(nowMs, actions);
    this.#ack(nowMs, actions);
    return actions;
  }

  onWelcome(welcome: Welcome, nowMs: number): ReceptorAction[] {
    const epoch = welcome.epochs[welcome.epochs.length - 1];
    if (epoch === undefined || welcome.emitter !== this.#options.emitter) return [];
    const actions: ReceptorAction[] = [];
    const first = !this.#welcomed && this.streams.size === 0;
    if (first || epoch.epoch !== this.#epoch) {
      if (!this.#openStreams(welcome, actions)) return [{ kind: "start_over" }];
    }
    this.#welcomed = true;
    this.#helloAttempts = 0;
    this.#unanswered = 0;
    this.#fetching = null;
    this.#lastHeardMs = nowMs;
    this.#learn(welcome.first, welcome.names, actions);
    this.#balance(welcome.names, actions);
    actions.push({ kind: "welcomed", mismatch: welcome.mismatch });
    this.#pull(nowMs, actions);
    return actions;
  }

  /** False: what is accepted here does not belong to this journal; nothing more can be done with it. */
  #openStreams(welcome: Welcome, actions: ReceptorAction[]): boolean {
    const { subscriptions, limits } = this.#options;
    const { streams, replaced, setBack, agreed } = resume(this.progress(), welcome, subscriptions, limits);
    if (this.streams.size > 0 && !this.#stands(agreed)) return false;
    this.#epochs = welcome.epochs;
    actions.push({ kind: "persist" });
    // The emitter was only restarted: what has been accepted here is what it holds.
    for (const stream of this.streams.values()) stream.onNewLife(agreed ?? 0);
    if (this.streams.size > 0) return true;
    for (const stream of streams) this.streams.set(stream.name, stream);
    const reason = "the emitter's journal was replaced by a new one";
    for (const signal of replaced) actions.push({ kind: "lost", signal, count: null, reason });
    if (setBack) actions.push({ kind: "set_back" });
    return true;
  }

  #stands(agreed: number | null): boolean {
    return agreed !== null && [...this.streams.values()].every((stream) => stream.highest <= agreed);
  }

  #learn(first: number, names: Welcome["names"], actions: ReceptorAction[]): void {
    for (const [name, stream] of this.streams) {
      const head = names[name];
      if (head === undefined) continue;
      if (head.last > stream.head) stream.head = head.last;
      const lost = head.pruned > 0 ? stream.pruneBelow(first, head.pruned) : 0;
      if (lost === 0) continue;
      const reason = "removed by retention before it was handled";
      actions.push({ kind: "lost", signal: name, count: lost, reason });
    }
  }

  /** Books are put in order, and what they say is made durable although no handling may follow that would do it. */
  #balance(names: Welcome["names"], actions: ReceptorAction[]): void {
    let changed = actions.some(({ kind }) => kind === "lost");
    for (const [name, stream] of this.streams) {
      const head = names[name];
      if (head !== undefined && stream.balance(head)) changed = true;
    }
    if (changed) actions.push({ kind: "persist" });
  }

  /** A live frame that comes now is ahead of what the ledger is about to give: worth keeping until it has. */
  isAhead(name: string): boolean {
    return this.#fetching !== null && this.streams.get(name)?.behind === true;
  }

  /** One live envelope of `name`. The caller enqueues it when `accepted`. */
  offerLive(name: string, epoch: string, seq: number, prev: number): Offer {
    const stream = this.streams.get(name);
    if (stream === undefined || !this.#welcomed || epoch !== this.#epoch) return "old";
    const offer = stream.offer(seq, prev, false);
    if (offer === "gap" || offer === "full") {
      stream.gap = true;
      if (seq > stream.head) stream.head = seq;
    }
    return offer;
  }

  /** A live frame could not even be read, or there was no room to look at it: something newer exists. */
  onLiveDropped(name: string): void {
    const stream = this.streams.get(name);
    if (stream !== undefined) stream.gap = true;
  }

  onLiveSeen(nowMs: number): ReceptorAction[] {
    this.#lastHeardMs = nowMs;
    return this.pull(nowMs);
  }

  onHeartbeat(heartbeat: Heartbeat, nowMs: number): ReceptorAction[] {
    if (heartbeat.emitter !== this.#options.emitter) return [];
    this.#lastHeardMs = nowMs;
    if (this.#welcomed && heartbeat.epoch !== this.#epoch) this.#sayHelloAgain(nowMs);
    if (!this.#welcomed) {
      this.#nextHelloMs = Math.min(this.#nextHelloMs, nowMs);
      return this.onTick(nowMs);
    }
    for (const [name, stream] of this.streams) {
      const head = heartbeat.heads[name] ?? 0;
      if (head > stream.head) stream.head = head;
    }
    return this.pull(nowMs);
  }

  /** Whether a batch answers the fetch that is under way. If so, its signals are to be offered one by one before `onBatchEnd`. */
  beginBatch(batch: Batch): boolean {
    const fetch = this.#fetching?.message;
    if (!this.#welcomed || fetch?.req !== batch.req || batch.epoch !== this.#epoch) return false;
    const asked = [...this.streams.values()].filter(({ name }) => name in fetch.after);
    this.#corrupt = new CorruptSpans(batch.corrupt, asked);
    // Before anything is offered: a signal that was finished earlier moves the cursor past what is gone.
    this.#learn(batch.first, batch.names, this.#corrupt.lost);
    return true;
  }

  offerFetched(name: string, seq: number): Offer {
    this.#corrupt?.passBelow(seq);
    const offer = this.streams.get(name)?.offer(seq, 0, true) ?? "old";
    if (offer === "accepted") this.healed++;
    return offer;
  }

  /** All signals of the batch were offered (`whole`), or one found no room. To be followed by `pull`. */
  onBatchEnd(batch: Batch, whole: boolean, nowMs: number): ReceptorAction[] {
    const actions: ReceptorAction[] = [];
    const asked = Object.keys(this.#fetching?.message.after ?? {});
    this.#fetching = null;
    this.#unanswered = 0;
    this.#lastHeardMs = nowMs;
    if (whole) this.#corrupt?.passBelow(batch.upto + 1);
    actions.push(...(this.#corrupt?.lost ?? []));
    this.#corrupt = null;
    if (whole)
      for (const name of asked) this.streams.get(name)?.scannedTo(batch.upto, batch.upto >= batch.last);
    this.#balance(batch.names, actions);
    return actions;
  }

  onUnwelcome(nowMs: number): ReceptorAction[] {
    this.#sayHelloAgain(nowMs);
    return this.onTick(nowMs);
  }

  /** There is room again, or something new is known: fetch if there is something to fetch. */
  pull(nowMs: number): ReceptorAction[] {
    const actions: ReceptorAction[] = [];
    this.#pull(nowMs, actions);
    return actions;
  }

  #pull(nowMs: number, actions: ReceptorAction[]): void {
    if (!this.#welcomed || this.#fetching !== null || this.#epoch === null) return;
    const plan = fetchPlan(this.streams);
    if (plan === null) return;
    const { consumer } = this.#options;
    const message: Fetch = { t: "fetch", req: ++this.#req, consumer, epoch: this.#epoch, ...plan };
    const waitMs = this.#options.limits.ledgerDeadlineMs * (this.#unanswered + 1);
    this.#fetching = { message, deadlineMs: nowMs + waitMs };
    actions.push({ kind: "send", message });
  }

  /** Cursors have become durable; the emitter is told soon. */
  onCommitted(nowMs: number): ReceptorAction[] {
    this.#acks.onCommitted(cursorsIn(this.streams));
    const actions: ReceptorAction[] = [];
    this.#ack(nowMs, actions);
    return actions;
  }

  /** The last word before the connection closes: what is on disk, so that nothing is kept for it in vain. */
  onClosing(): ReceptorAction[] {
    return this.#welcomed && this.#epoch !== null ? [this.#ackAction(this.#epoch)] : [];
  }

  #ackAction(epoch: string): ReceptorAction {
    const { consumer } = this.#options;
    return { kind: "send", message: { t: "ack", consumer, epoch, cursors: this.#acks.durable } };
  }

  #ack(nowMs: number, actions: ReceptorAction[]): void {
    if (!this.#welcomed || this.#epoch === null || !this.#acks.takeDue(nowMs)) return;
    actions.push(this.#ackAction(this.#epoch));
  }

  progress(): EmitterProgress | null {
    if (this.#epoch === null || this.streams.size === 0) return this.#progress;
    return progressOf(this.#epochs, this.streams, this.#progress);
  }

  #hello(): Hello {
    const { consumer, subscriptions } = this.#options;
    const names = Object.fromEntries([...subscriptions].map(([name, { hash }]) => [name, hash]));
    return { t: "hello", v: WIRE_VERSION, consumer, names, epoch: this.#epoch, cursors: this.#acks.durable };
  }

  #sayHelloAgain(nowMs: number): void {
    this.#progress = this.progress();
    this.#welcomed = false;
    this.#fetching = null;
    this.#unanswered = 0;
    this.#nextHelloMs = nowMs;
    this.#lastHeardMs = nowMs;
  }
}
