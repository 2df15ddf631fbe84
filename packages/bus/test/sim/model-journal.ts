/** An emitter without a disk: a list of signals, and what it answers on its two sockets. Simple enough to be right. */
import type { EpochSpan, Heads, NameHead } from "../../src/protocol/positions.ts";
import { withNewEpoch } from "../../src/protocol/positions.ts";
import type { Ack, Batch, Fetch, Heartbeat, Hello, Unwelcome, Welcome } from "../../src/protocol/wire.ts";

export interface ModelSignal {
  /** Never given twice, whatever happens to positions. */
  readonly uid: number;
  readonly name: string;
  readonly epoch: string;
  readonly seq: number;
  readonly prev: number;
}

export interface LiveFrame {
  readonly name: string;
  readonly signals: readonly ModelSignal[];
}

interface Life {
  readonly signals: readonly ModelSignal[];
  readonly heads: Heads;
  readonly first: number;
}

const MAX_FETCH = 7;

export class ModelJournal {
  readonly emitter: string;
  readonly acked = new Map<string, Ack>();
  #life: Life;
  #uids = 0;
  #epochs = 0;

  constructor(emitter: string) {
    this.emitter = emitter;
    this.#life = {
      signals: [],
      heads: withNewEpoch({ epochs: [], last: 0, lastIdMs: 0, names: {} }, this.#newEpoch()),
      first: 1,
    };
  }

  #newEpoch(): string {
    return `${this.emitter}-${String(++this.#epochs)}`;
  }

  get signals(): readonly ModelSignal[] {
    return this.#life.signals;
  }
  get heads(): Heads {
    return this.#life.heads;
  }
  get first(): number {
    return this.#life.first;
  }
  get #epoch(): string {
    return (this.heads.epochs.at(-1) as EpochSpan).epoch;
  }

  /** One commit: consecutive signals of a name are one frame. */
  emit(names: readonly string[]): LiveFrame[] {
    const frames: { name: string; signals: ModelSignal[] }[] = [];
    for (const name of names) {
      const head = this.#head(name);
      const seq = this.heads.last + 1;
      const signal = { uid: ++this.#uids, name, epoch: this.#epoch, seq, prev: head.last };
      const heads = {
        ...this.heads,
        last: seq,
        names: { ...this.heads.names, [name]: { ...head, last: seq, count: head.count + 1 } },
      };
      this.#life = { ...this.#life, signals: [...this.signals, signal], heads };
      const frame = frames.at(-1);
      if (frame?.name === name) frame.signals.push(signal);
      else frames.push({ name, signals: [signal] });
    }
    return frames;
  }

  #head(name: string): NameHead {
    return this.heads.names[name] ?? { last: 0, count: 0, pruned: 0 };
  }

  /** Opened again: a new stretch of its life. */
  restart(): void {
    this.#life = { ...this.#life, heads: withNewEpoch(this.heads, this.#newEpoch()) };
  }

  copy(): Life {
    return this.#life;
  }

  setBack(copy: Life): void {
    this.#life = copy;
    this.restart();
  }

  /** Removes everything before `seq`. Returns what went. */
  prune(seq: number): ModelSignal[] {
    const gone = this.signals.filter((signal) => signal.seq < seq);
    const names = { ...this.heads.names };
    for (const { name } of gone)
      names[name] = { ...this.#head(name), pruned: (names[name]?.pruned ?? 0) + 1 };
    const first = Math.max(this.first, Math.min(seq, this.heads.last + 1));
    this.#life = {
      signals: this.signals.filter((signal) => signal.seq >= seq),
      heads: { ...this.heads, names },
      first,
    };
    return gone;
  }

  heartbeat(): Heartbeat {
    const { last, names } = this.heads;
    const heads = Object.fromEntries(Object.entries(names).map(([name, head]) => [name, head.last]));
    return { emitter: this.emitter, epoch: this.#epoch, last, heads, load: {} };
  }

  welcome(hello: Hello): Welcome {
    const names = Object.fromEntries(Object.keys(hello.names).map((name) => [name, this.#head(name)]));
    const { epochs, last } = this.heads;
    const answer = {
      t: "welcome",
      emitter: this.emitter,
      epochs,
      first: this.first,
      last,
      names,
      mismatch: [],
    };
    // Whatever a hello carries to be recognised by is given back.
    return { ...("req" in hello ? { req: hello.req } : {}), ...answer } as Welcome;
  }

  batch(fetch: Fetch): { header: Batch; signals: ModelSignal[] } | Unwelcome {
    if (fetch.epoch !== this.#epoch) return { t: "unwelcome", reason: "another epoch" };
    const room = new Map(Object.entries(fetch.room));
    const signals: ModelSignal[] = [];
    let upto = this.heads.last;
    for (const signal of this.signals) {
      if (signal.seq < fetch.from || signal.seq <= (fetch.after[signal.name] ?? Infinity)) continue;
      const left = room.get(signal.name) ?? 0;
      if (left === 0 || signals.length === MAX_FETCH) {
        upto = signal.seq - 1;
        break;
      }
      room.set(signal.name, left - 1);
      signals.push(signal);
    }
    const names = Object.fromEntries(Object.keys(fetch.after).map((name) => [name, this.#head(name)]));
    const { req, epoch } = fetch;
    const header: Batch = {
      t: "batch",
      req,
      epoch,
      first: this.first,
      last: this.heads.last,
      upto,
      names,
      corrupt: [],
    };
    return { header, signals };
  }
}
