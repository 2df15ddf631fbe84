/** One commit in the making: gives seqs, writes lines, gathers what else its units change. No I/O; `committer.ts` writes it. */
import type { AppendBlock, CommitBatch } from "../journal/journal.ts";
import { currentEpoch, type Heads } from "../protocol/positions.ts";
import { idTimeMs, traceparentOf } from "../signal/id-generator.ts";
import { envelopeLine } from "../signal/serialize-envelope.ts";
import type { Emission, ProgressKeeper, Unit } from "./unit.ts";

const NEWLINE = 10;
const NONE: readonly Emission[] = [];

/** One frame's worth of a commit: consecutive signals of one name. */
export interface PublishedRun {
  readonly signal: string;
  readonly payload: Buffer;
}

interface Span {
  readonly first: number;
  last: number;
  count: number;
}

export class Build {
  readonly batch: CommitBatch;
  readonly keepers = new Set<ProgressKeeper>();
  /** Emissions that the units wait for. */
  emissions = 0;
  /** Those of them that this commit journals: one that is wanted twice goes in once. */
  readonly appended: Emission[] = [];
  readonly #runs: { readonly signal: string; count: number }[] = [];
  #lines: Buffer = Buffer.alloc(0);

  newestId: string;

  /** Bytes of the signals' lines. */
  get bytes(): number {
    return this.#lines.length;
  }

  constructor(units: readonly Unit[], heads: Heads, newestId: string, nowMs: number) {
    this.newestId = newestId;
    const state = new Map<string, string | undefined>();
    const outbox = new Map<string, string | undefined>();
    const consumers = new Map<string, string>();
    const emissions = this.appended;
    for (const unit of units) {
      this.#gather(unit.emissions ?? NONE);
      unit.state?.forEach((value, key) => state.set(key, value));
      unit.outbox?.forEach((value, key) => outbox.set(key, value));
      unit.consumers?.forEach((value, key) => consumers.set(key, value));
      this.#finish(unit);
    }
    const progress = new Map<string, string>();
    for (const keeper of this.keepers) {
      const json = keeper.progressJson();
      if (json !== null) progress.set(keeper.emitter, json);
    }
    const appended = emissions.length === 0 ? null : this.#append(emissions, heads, nowMs);
    this.batch = {
      block: appended?.block ?? null,
      heads: appended?.heads ?? null,
      state,
      outbox,
      consumers,
      progress,
    };
  }

  #gather(emissions: readonly Emission[]): void {
    this.emissions += emissions.length;
    for (const emission of emissions) {
      const again = emission.holders > 1 && (emission.seq !== 0 || this.appended.includes(emission));
      if (!again) this.appended.push(emission);
    }
  }

  #finish({ finish, touched }: Unit): void {
    if (touched !== undefined) this.keepers.add(touched);
    if (finish === null || finish === undefined) return;
    finish.stream.finish(finish.seq, finish.outcome);
    finish.stream.heldBytes -= finish.bytes;
    this.keepers.add(finish.keeper);
  }

  #append(emissions: readonly Emission[], heads: Heads, nowMs: number): { block: AppendBlock; heads: Heads } {
    const epoch = currentEpoch(heads);
    const spans = new Map<string, Span>();
    const suppliedIds: [string, number][] = [];
    let firstGeneratedId: string | null = null;
    let seq = heads.last;
    let text = "";
    for (const emission of emissions) {
      const { signal, id, factsJson } = emission;
      emission.seq = ++seq;
      let span = spans.get(signal);
      if (span === undefined)
        spans.set(signal, (span = { first: seq, last: heads.names[signal]?.last ?? 0, count: 0 }));
      text += envelopeLine(
        emission,
        factsJson,
        traceparentOf(emission.correlation_id, id),
        epoch,
        seq,
        span.last,
      );
      text += "\n";
      span.last = seq;
      span.count++;
      this.#extendRun(signal);
      if (emission.supplied || id < this.newestId) {
        // A slow handling got its ids before others that are on disk already: it is found by each id of its own.
        suppliedIds.push([id, seq]);
      } else {
        firstGeneratedId ??= id;
        this.newestId = id;
      }
    }
    this.#lines = Buffer.from(text);
    const names = { ...heads.names };
    for (const [name, span] of spans) {
      const head = names[name];
      names[name] = { last: span.last, count: (head?.count ?? 0) + span.count, pruned: head?.pruned ?? 0 };
    }
    const lastIdMs =
      firstGeneratedId === null ? heads.lastIdMs : Math.max(heads.lastIdMs, idTimeMs(this.newestId));
    const header = {
      count: emissions.length,
      at: nowMs,
      names: Object.fromEntries(spans),
      suppliedIds: suppliedIds.length > 0,
    };
    const block = { first: heads.last + 1, lines: this.#lines, header, firstGeneratedId, suppliedIds };
    return { block, heads: { epochs: heads.epochs, last: seq, lastIdMs, names } };
  }

  #extendRun(signal: string): void {
    const run = this.#runs[this.#runs.length - 1];
    if (run?.signal === signal) run.count++;
    else this.#runs.push({ signal, count: 1 });
  }

  /** The commit as live frames: runs of one name, so that the order across names survives where nothing is lost. */
  *runs(maxSignals: number): Generator<PublishedRun> {
    let start = 0;
    for (const { signal, count } of this.#runs) {
      for (let left = count; left > 0; left -= maxSignals) {
        let end = start;
        for (let i = Math.min(left, maxSignals); i > 0; i--) end = this.#lines.indexOf(NEWLINE, end) + 1;
        yield { signal, payload: this.#lines.subarray(start, end) };
        start = end;
      }
    }
  }
}
