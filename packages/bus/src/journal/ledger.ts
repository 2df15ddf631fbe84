/**
 * What the emitter's end of the ledger socket answers, read from the journal only: nothing that is not on disk is ever
 * given away (P1). Bounded in signals, bytes and bytes looked at, so that no receptor can hold the emitter's event loop (P5).
 */
import type { BusLimits } from "../protocol/limits.ts";
import { currentEpoch, type NameHead } from "../protocol/positions.ts";
import type { Batch, CorruptSpan, Fetch, Hello, Unwelcome, Welcome } from "../protocol/wire.ts";
import { lineName, walkLines, type Block } from "./block.ts";
import type { Journal } from "./journal.ts";

type LedgerLimits = Pick<BusLimits, "maxFetchSignals" | "maxFetchBytes" | "maxScanBytes">;

export interface LedgerAnswer {
  readonly header: Batch;
  /** NDJSON of the signals, in seq order. */
  readonly lines: Buffer;
}

/** `hashOf` gives the emitter's own contract hash of a name, undefined when it knows none. */
export function welcome(
  journal: Journal,
  emitter: string,
  hello: Hello,
  hashOf: (name: string) => string | undefined,
): Welcome {
  const { epochs, last, names } = journal.heads;
  const asked: Record<string, NameHead> = {};
  for (const name of Object.keys(hello.names)) asked[name] = names[name] ?? { last: 0, count: 0, pruned: 0 };
  const mismatch = Object.entries(hello.names).filter(
    ([name, hash]) => hashOf(name) !== undefined && hashOf(name) !== hash,
  );
  return {
    t: "welcome",
    emitter,
    epochs,
    first: journal.firstSeq(),
    last,
    names: asked,
    mismatch: mismatch.map(([name]) => name),
  };
}

export function readBatch(journal: Journal, fetch: Fetch, limits: LedgerLimits): LedgerAnswer | Unwelcome {
  if (fetch.epoch !== currentEpoch(journal.heads)) return { t: "unwelcome", reason: "another epoch" };
  const selection = new Selection(fetch, limits);
  const { last } = journal.heads;
  let scanned = 0;
  for (const reading of journal.blocksFrom(fetch.from)) {
    if (reading.kind === "corrupt") {
      selection.corrupt.push({ first: reading.first, names: reading.names });
      continue;
    }
    const { block } = reading;
    if (block.first > last) break;
    const stoppedAt = selection.add(block);
    const upto = (stoppedAt ?? block.last + 1) - 1;
    scanned += block.lines.length;
    if (stoppedAt !== null || selection.full || scanned >= limits.maxScanBytes) {
      return selection.answer(journal, fetch, upto, last);
    }
  }
  return selection.answer(journal, fetch, last, last);
}

class Selection {
  readonly corrupt: CorruptSpan[] = [];
  readonly #fetch: Fetch;
  readonly #limits: LedgerLimits;
  readonly #pieces: Buffer[] = [];
  readonly #taken = new Map<string, number>();
  #signals = 0;
  #bytes = 0;

  constructor(fetch: Fetch, limits: LedgerLimits) {
    this.#fetch = fetch;
    this.#limits = limits;
  }

  get full(): boolean {
    return this.#signals >= this.#limits.maxFetchSignals || this.#bytes >= this.#limits.maxFetchBytes;
  }

  /** Takes what was asked for. Returns the seq at which it had to stop for want of room, null when the block was read whole. */
  add(block: Block): number | null {
    const names = Object.keys(block.header.names).filter(
      (name) => (block.header.names[name]?.last ?? 0) > this.#after(name),
    );
    const [only] = names;
    if (only === undefined) return null;
    if (Object.keys(block.header.names).length === 1 && this.#fitsWhole(only, block)) {
      this.#take(only, block.header.count, block.lines);
      return null;
    }
    return this.#addLines(block);
  }

  #fitsWhole(name: string, block: Block): boolean {
    const signals = block.header.count;
    const fits =
      this.#signals + signals <= this.#limits.maxFetchSignals &&
      this.#bytes + block.lines.length <= this.#limits.maxFetchBytes;
    return fits && block.first > this.#after(name) && signals <= this.#room(name);
  }

  #addLines(block: Block): number | null {
    let stoppedAt: number | null = null;
    walkLines(block, (seq, start, end) => {
      const name = lineName(block.lines, start);
      if (seq <= this.#after(name)) return true;
      // The first signal is always taken, whatever its size, or a fetch could never get past it.
      if (this.#room(name) <= 0 || (this.full && this.#signals > 0)) {
        stoppedAt = seq;
        return false;
      }
      this.#take(name, 1, block.lines.subarray(start, end));
      return true;
    });
    return stoppedAt;
  }

  #take(name: string, signals: number, lines: Buffer): void {
    this.#pieces.push(lines);
    this.#signals += signals;
    this.#bytes += lines.length;
    this.#taken.set(name, (this.#taken.get(name) ?? 0) + signals);
  }

  #after(name: string): number {
    return this.#fetch.after[name] ?? Number.MAX_SAFE_INTEGER;
  }

  #room(name: string): number {
    return (this.#fetch.room[name] ?? 0) - (this.#taken.get(name) ?? 0);
  }

  answer(journal: Journal, fetch: Fetch, upto: number, last: number): LedgerAnswer {
    const names: Record<string, NameHead> = {};
    for (const name of Object.keys(fetch.after)) {
      const head = journal.heads.names[name];
      if (head !== undefined) names[name] = head;
    }
    const { req, epoch } = fetch;
    const header: Batch = {
      t: "batch",
      req,
      epoch,
      first: journal.firstSeq(),
      last,
      upto,
      names,
      corrupt: this.corrupt,
    };
    return { header, lines: Buffer.concat(this.#pieces) };
  }
}
