/**
 * The emitter's place on the wire: live frames, heartbeats, and the ledger for receptors that missed something.
 * Remembers every consumer's acknowledged cursor, so that retention never takes what somebody still owes an ack for.
 */
import type { Journal } from "../journal/journal.ts";
import { readBatch, welcome } from "../journal/ledger.ts";
import type { BusLimits } from "../protocol/limits.ts";
import { currentEpoch } from "../protocol/positions.ts";
import {
  decodeToEmitter,
  encode,
  HEARTBEAT_TOPIC,
  type Ack,
  type Fetch,
  type Hello,
  type Ping,
} from "../protocol/wire.ts";
import type { EmitterEnd, Transport } from "../transport/transport.ts";
import type { PublishedRun } from "./commit-build.ts";
import type { Refusals } from "./refusals.ts";

/** What a consumer has finished, as far as it has told. */
export interface ConsumerRecord {
  readonly epoch: string;
  readonly cursors: Readonly<Record<string, number>>;
  /** Milliseconds since 1970 of its last word. */
  readonly at: number;
}

export interface PortOptions {
  readonly daemon: string;
  readonly journal: Journal;
  readonly limits: BusLimits;
  readonly transport: Transport;
  readonly now: () => number;
  readonly hashOf: (signal: string) => string | undefined;
  readonly load: () => Readonly<Record<string, number>>;
  /** A consumer is new or has moved on: to be saved. `urgent`: it was not known before. */
  readonly onConsumer: (name: string, record: ConsumerRecord, urgent: boolean) => void;
  readonly onMismatch: (consumer: string, signals: readonly string[]) => void;
  /** What becomes of connections that the transport did not let in. */
  readonly refusals: Refusals;
}

/** The next look may be so late, in milliseconds: better a heartbeat too early than one too late. */
const TICK_SLACK_MS = 250;
/** Several receptors that join within this time get one heartbeat, in milliseconds. */
const JOIN_HEARTBEAT_MS = 20;
/** Consumers remembered at most; a mesh has dozens, not thousands. */
const MAX_CONSUMERS = 1_000;

export class EmitterPort {
  readonly consumers = new Map<string, ConsumerRecord>();
  readonly #options: PortOptions;
  #end: EmitterEnd | null = null;
  #beatAtMs = 0;
  #beatenLast = -1;
  #joinTimer: NodeJS.Timeout | null = null;
  garbage = 0;

  constructor(options: PortOptions) {
    this.#options = options;
    for (const [name, json] of options.journal.entries("consumers"))
      this.consumers.set(name, JSON.parse(json) as ConsumerRecord);
  }

  /** Connections that were not let in. */
  get refused(): number {
    return this.#options.refusals.count;
  }

  get dropped(): number {
    return this.#end?.dropped ?? 0;
  }

  async open(): Promise<void> {
    this.#end = await this.#options.transport.openEmitter(this.#options.daemon, {
      onRequest: (peer, frames) => {
        this.#onRequest(peer, frames);
      },
      onSubscription: () => {
        this.#joinTimer ??= setTimeout(() => {
          this.#joinTimer = null;
          this.#beat();
        }, JOIN_HEARTBEAT_MS);
      },
      onRefused: (refusal) => {
        this.#options.refusals.note(refusal);
      },
    });
  }

  publish(run: PublishedRun): void {
    this.#end?.publish(run.signal, run.payload);
  }

  /** Heartbeat when due: soon after a change, seldom when idle. */
  onTick(): void {
    const { now, limits, journal, refusals } = this.#options;
    refusals.onTick();
    const sinceMs = Math.abs(now() - this.#beatAtMs);
    const dueMs = journal.heads.last === this.#beatenLast ? limits.heartbeatIdleMs : limits.heartbeatBusyMs;
    if (sinceMs + TICK_SLACK_MS >= dueMs) this.#beat();
  }

  #beat(): void {
    const { heads } = this.#options.journal;
    this.#beatAtMs = this.#options.now();
    this.#beatenLast = heads.last;
    const lasts = Object.fromEntries(Object.entries(heads.names).map(([name, head]) => [name, head.last]));
    const heartbeat = {
      emitter: this.#options.daemon,
      epoch: currentEpoch(heads),
      last: heads.last,
      heads: lasts,
      load: this.#options.load(),
    };
    this.#end?.publish(HEARTBEAT_TOPIC, encode(heartbeat));
  }

  #onRequest(peer: Uint8Array, frames: readonly Uint8Array[]): void {
    const [frame] = frames;
    const message = frame === undefined || frames.length !== 1 ? null : decodeToEmitter(frame);
    if (message === null) this.garbage++;
    else if (message.t === "hello") this.#onHello(peer, message);
    else if (message.t === "fetch") this.#onFetch(peer, message);
    else if (message.t === "ping") this.#onPing(peer, message);
    else this.#onAck(message);
  }

  #onHello(peer: Uint8Array, hello: Hello): void {
    const { journal, daemon, hashOf } = this.#options;
    const answer = welcome(journal, daemon, hello, hashOf);
    if (answer.mismatch.length > 0) this.#options.onMismatch(hello.consumer, answer.mismatch);
    this.#remember(
      hello.consumer,
      hello.epoch ?? currentEpoch(journal.heads),
      hello.cursors,
      Object.keys(hello.names),
    );
    this.#end?.reply(peer, [encode(answer)]);
  }

  #onFetch(peer: Uint8Array, fetch: Fetch): void {
    const answer = readBatch(this.#options.journal, fetch, this.#options.limits);
    this.#end?.reply(peer, "t" in answer ? [encode(answer)] : [encode(answer.header), answer.lines]);
  }

  #onPing(peer: Uint8Array, { req }: Ping): void {
    this.#end?.reply(peer, [encode({ t: "pong", req, last: this.#options.journal.heads.last })]);
  }

  #onAck(ack: Ack): void {
    this.#remember(ack.consumer, ack.epoch, ack.cursors, []);
  }

  #remember(
    consumer: string,
    epoch: string,
    cursors: Readonly<Record<string, number>>,
    names: readonly string[],
  ): void {
    const known = this.consumers.get(consumer);
    if (known === undefined && this.consumers.size >= MAX_CONSUMERS) return;
    const before = known?.epoch === epoch ? known.cursors : {};
    const asked = Object.fromEntries(names.map((name) => [name, 0]));
    const record = { epoch, cursors: { ...asked, ...before, ...cursors }, at: this.#options.now() };
    this.consumers.set(consumer, record);
    this.#options.onConsumer(consumer, record, known === undefined);
  }

  async close(): Promise<void> {
    if (this.#joinTimer !== null) clearTimeout(this.#joinTimer);
    await this.#end?.close();
  }
}
