/**
 * Connects a receptor's state machine to the transport and to the waiting rooms: reads frames, believes only what the
 * emitter itself may say, turns actions into requests. Never runs a handler.
 */
import { lineName, lineSeq } from "../journal/block.ts";
import { decodeHeartbeat, decodeToReceptor, encode, HEARTBEAT_TOPIC, type Batch } from "../protocol/wire.ts";
import type { ReceptorAction } from "../protocol/receptor-actions.ts";
import { ReceptorCore } from "../protocol/receptor.ts";
import type { EmitterProgress } from "../protocol/resume.ts";
import { NameStream, type Offer } from "../protocol/name-stream.ts";
import { valueAt } from "../signal/json-pointer.ts";
import { PRIORITIES, type Envelope } from "../signal/envelope.ts";
import { parseEnvelope } from "../signal/parse-envelope.ts";
import { bytesOf, lines } from "./frame-lines.ts";
import { FrameStash } from "./frame-stash.ts";
import { Patience } from "./patience.ts";
import type { ReceptorEnd } from "../transport/transport.ts";
import type { Link, LinkOptions } from "./link-options.ts";
import type { Finish } from "./unit.ts";

const NO_PROGRESS = { cursor: 0, done: [], base: 0, handled: 0, dead: 0, expired: 0 };

export class ReceptorLink implements Link {
  readonly emitter: string;
  readonly #options: LinkOptions;
  readonly #lanes: Readonly<Record<string, number>>;
  #core: ReceptorCore;
  #end: ReceptorEnd | null = null;
  readonly #patience = new Patience();
  readonly #stash: FrameStash;
  #paused = false;
  /** Frames and lines that were not what they should be; dropped and healed. */
  garbage = 0;
  #warned = "";
  readonly #volatile = new Map<string, NameStream>();

  constructor(options: LinkOptions, progress: EmitterProgress | null) {
    this.emitter = options.emitter;
    this.#options = options;
    this.#core = new ReceptorCore({ ...options, progress });
    this.#stash = new FrameStash(options.limits.maxInboxBytes);
    this.#lanes = Object.fromEntries(PRIORITIES.map((priority, lane) => [priority, lane]));
  }

  get welcomed(): boolean {
    return this.#core.welcomed;
  }
  get lag(): number {
    return this.#core.lag;
  }
  get healed(): number {
    return this.#core.healed;
  }

  open(): void {
    const topics = [...this.#options.subscriptions.keys(), HEARTBEAT_TOPIC];
    this.#end = this.#options.transport.connect(this.emitter, topics, {
      onLive: (topic, payload) => {
        if (topic !== HEARTBEAT_TOPIC) return this.#onLive(topic, payload);
        this.#onHeartbeat(payload);
      },
      onReply: (frames) => {
        this.#onReply(frames);
      },
      onGarbage: () => {
        this.garbage++;
      },
      onImpostor: this.#options.onImpostor,
    });
    this.onTick();
  }

  /** Back to what is on disk: whatever was accepted since will be fetched again. */
  reset(progress: EmitterProgress | null): void {
    this.#core = new ReceptorCore({ ...this.#options, progress });
    this.#stash.takeAll();
    this.#volatile.clear();
    this.#patience.reset();
  }

  /** Accepts nothing more. */
  pause(): void {
    this.#paused = true;
  }
  resume(): void {
    this.#paused = false;
    this.onTick();
  }

  onTick(): void {
    if (!this.#paused) this.#act(this.#core.onTick(this.#options.now()));
  }

  /** A handler has finished; there may be room. */
  pull(): void {
    this.#patience.onRoom();
    if (!this.#paused) this.#act(this.#core.pull(this.#options.now()));
  }

  onCommitted(): void {
    this.#act(this.#core.onCommitted(this.#options.now()));
    this.pull();
  }

  /** Accepts nothing more, and tells the emitter how far it has come. */
  leave(): void {
    this.#paused = true;
    this.#act(this.#core.onClosing());
  }

  progressJson(): string | null {
    const progress = this.#core.progress();
    return progress === null ? null : JSON.stringify(progress);
  }

  #onHeartbeat(payload: Uint8Array): void {
    const heartbeat = decodeHeartbeat(payload);
    if (heartbeat === null) this.garbage++;
    else if (!this.#paused) this.#act(this.#core.onHeartbeat(heartbeat, this.#options.now()));
  }

  #onLive(name: string, payload: Uint8Array): void | Promise<void> {
    if (this.#paused) return;
    const stream = this.#core.streams.get(name);
    const wait = stream === undefined ? null : this.#patience.waitFor(stream);
    if (wait === null) this.#takeLive(name, payload);
    else
      return wait.then(() => {
        this.#takeLive(name, payload);
      });
  }

  #takeLive(name: string, payload: Uint8Array): void {
    const stream = this.#core.streams.get(name);
    if (this.#paused) return;
    if (stream !== undefined && stream.room <= 0) {
      // No room: not worth parsing, the ledger has it.
      this.#core.onLiveDropped(name);
    } else if (!this.#core.isAhead(name) || !this.#stash.keep(name, payload)) {
      this.#readLive(name, bytesOf(payload));
    }
    this.#act(this.#core.onLiveSeen(this.#options.now()));
  }

  #readLive(name: string, payload: Buffer): void {
    for (const line of lines(payload)) {
      const envelope = this.#read(line, name);
      if (envelope === null) {
        this.#core.onLiveDropped(name);
        return;
      }
      if (envelope.seq === 0) {
        this.#enqueueVolatile(envelope, line.length);
        continue;
      }
      const offer = this.#core.offerLive(name, envelope.epoch, envelope.seq, envelope.prev);
      if (offer === "accepted") this.#enqueue(envelope, line.length);
      else if (offer === "gap" || offer === "full") return;
    }
  }

  /** Only what this emitter may say, and only under the topic that it names. */
  #read(line: string | Buffer, name: string | null): Envelope | null {
    const parsed = parseEnvelope(line, {
      maxBytes: this.#options.limits.maxSignalBytes,
      maxDepth: this.#options.limits.maxSignalDepth,
    });
    const trusted =
      parsed.kind === "ok" &&
      parsed.envelope.source === this.emitter &&
      (name === null || parsed.envelope.signal === name);
    if (trusted) return parsed.envelope;
    if (parsed.kind === "ok") this.#options.onDistrusted(parsed.envelope.signal, parsed.envelope.source);
    this.garbage++;
    return null;
  }

  /** Telemetry has no position: it is handled when there is room, and nobody asks for it again. */
  #enqueueVolatile(envelope: Envelope, bytes: number): void {
    const { signal } = envelope;
    const stream =
      this.#volatile.get(signal) ??
      new NameStream(signal, NO_PROGRESS, 1, this.#options.limits.maxInboxBytes);
    this.#volatile.set(signal, stream);
    if (this.#options.subscriptions.has(signal) && stream.room > 0) this.#admit(envelope, stream, bytes);
  }

  #enqueue(envelope: Envelope, bytes: number): void {
    const stream = this.#core.streams.get(envelope.signal);
    if (stream !== undefined) this.#admit(envelope, stream, bytes);
  }

  #admit(envelope: Envelope, stream: NameStream, bytes: number): void {
    stream.heldBytes += bytes;
    const keyPointer = this.#options.contracts.get(envelope.signal)?.ordering_key ?? null;
    const value = keyPointer === null ? undefined : valueAt(envelope.facts, keyPointer);
    const key = value === undefined || value === null ? null : JSON.stringify(value);
    this.#options.enqueue({
      envelope,
      stream,
      keeper: this,
      bytes,
      key,
      lane: this.#lanes[envelope.priority] ?? 2,
    });
  }

  #onReply(frames: readonly Uint8Array[]): void {
    const [header, payload] = frames;
    const message = header === undefined || frames.length > 2 ? null : decodeToReceptor(header);
    // While it starts over, a second welcome must not make it start over again.
    if (message === null) this.garbage++;
    else if (this.#paused) return;
    else if (message.t === "welcome") this.#act(this.#core.onWelcome(message, this.#options.now()));
    else if (message.t === "unwelcome") this.#act(this.#core.onUnwelcome(this.#options.now()));
    else if (this.#core.beginBatch(message)) this.#onBatch(message, bytesOf(payload ?? new Uint8Array()));
  }

  #onBatch(batch: Batch, payload: Buffer): void {
    let whole = true;
    for (const line of lines(payload)) {
      if (this.#offerFetched(line) === "full") {
        whole = false;
        break;
      }
    }
    this.#act(this.#core.onBatchEnd(batch, whole, this.#options.now()));
    // What came live meanwhile continues where the batch ended: so a receptor that has caught up is live again at once.
    for (const { name, payload: frame } of this.#stash.takeAll()) this.#readLive(name, bytesOf(frame));
    this.pull();
  }

  #offerFetched(line: string | Buffer): Offer {
    const envelope = this.#read(line, null);
    if (envelope === null) return this.#offerUnreadable(Buffer.from(line));
    if (!this.#options.subscriptions.has(envelope.signal)) {
      // Nobody asked for it: contracts say from whom a signal is believed, and subscriptions follow them.
      this.#options.onDistrusted(envelope.signal, envelope.source);
      this.garbage++;
    }
    const offer = this.#core.offerFetched(envelope.signal, envelope.seq);
    if (offer === "accepted") this.#enqueue(envelope, line.length);
    return offer;
  }

  /** The emitter's own journal holds a line that is no signal here: it never will be one, so it is kept as a dead letter and passed. */
  #offerUnreadable(line: Buffer): Offer {
    const name = lineName(line, 0);
    const seq = lineSeq(line);
    const stream = this.#core.streams.get(name);
    if (stream === undefined || seq === null) {
      this.#options.onUnreadable(this.emitter, line, null);
      return "old";
    }
    const offer = this.#core.offerFetched(name, seq);
    const finish: Finish = { keeper: this, stream, seq, outcome: "dead", bytes: 0, handling: null };
    if (offer === "accepted") this.#options.onUnreadable(this.emitter, line, finish);
    return offer;
  }

  #act(actions: readonly ReceptorAction[]): void {
    for (const action of actions) {
      if (action.kind === "send") this.#end?.request(encode(action.message));
      else if (action.kind === "persist") this.#options.persist(this);
      else if (action.kind === "start_over") this.#startOver();
      else if (action.kind === "set_back") this.#options.onSetBack();
      else if (action.kind === "lost") this.#options.onLost(action.signal, action.count, action.reason);
      else this.#onWelcomed(action.mismatch);
    }
  }

  #startOver(): void {
    this.pause();
    this.#options.startOver(this);
  }

  #onWelcomed(mismatch: readonly string[]): void {
    const told = mismatch.join(",");
    if (told !== "" && told !== this.#warned) this.#options.onMismatch(mismatch);
    this.#warned = told;
  }

  async close(): Promise<void> {
    this.#paused = true;
    this.#patience.reset();
    await this.#end?.close();
  }
}
