/**
 * Group commit: units collect while one commit is in flight, then go to disk together; so one sync carries one signal
 * when idle and hundreds under load. The only writer of the journal, and the only giver of seqs.
 *
 * C1  Nothing is published or acknowledged before its commit is synced (P1, P2).
 * C2  A unit is in one commit as a whole (P3).
 * C3  After a failed commit every unit that waited is failed too: a later one may build on what was lost.
 */
import { DiskFullError } from "../journal/errors.ts";
import type { AppendBlock, CommitBatch, Journal } from "../journal/journal.ts";
import { Deque } from "../protocol/deque.ts";
import type { BusLimits } from "../protocol/limits.ts";
import { currentEpoch, type Heads } from "../protocol/positions.ts";
import { idTimeMs, traceparentOf } from "../signal/id-generator.ts";
import { envelopeLine } from "../signal/serialize-envelope.ts";
import type { Emission, ProgressKeeper, Unit } from "./unit.ts";

/** One frame's worth of a commit: consecutive signals of one name. */
export interface PublishedRun {
  readonly signal: string;
  readonly payload: Buffer;
}

export interface CommitterOptions {
  readonly journal: Journal;
  readonly limits: Pick<
    BusLimits,
    "maxCommitSignals" | "maxCommitBytes" | "maxFrameSignals" | "diskReserveBytes"
  >;
  readonly now: () => number;
  /** Bytes free on the journal's disk. */
  readonly freeBytes: () => number;
  readonly publish: (run: PublishedRun) => void;
  readonly onEmitted: ((emission: Emission) => void) | null;
  readonly onFailure: (error: Error) => void;
}

/** Bytes of an envelope besides its facts, for the size of a commit; a close guess is enough. */
const ENVELOPE_BYTES = 400;
const NEWLINE = 10;
const NONE: readonly Emission[] = [];
/** How long one look at the free space is believed, in milliseconds. */
const FREE_SPACE_TTL_MS = 250;
/** … and for so large a share of the reserve, so that a burst within that time cannot use it up. */
const FREE_SPACE_SHARE = 1 / 8;

export class Committer {
  readonly #options: CommitterOptions;
  readonly #queue = new Deque<Unit>();
  readonly #turns: (() => Promise<void>)[] = [];
  #running: Promise<void> | null = null;
  #pending = 0;
  #reserveCheckedMs = -Infinity;
  #reserveHeld = true;
  #bytesSinceCheck = 0;
  /** Newest generated id on disk. After a restart younger ones follow in any case. */
  #newestId = "";

  constructor(options: CommitterOptions) {
    this.#options = options;
  }

  /** Emissions that are not on disk yet. */
  get pending(): number {
    return this.#pending;
  }

  submit(unit: Unit): void {
    this.#queue.push(unit);
    this.#pending += unit.emissions?.length ?? 0;
    this.#start();
  }

  #start(): void {
    this.#running ??= Promise.resolve().then(() => this.#run());
  }

  /** Runs `write` while no commit is in flight, before the next one: steady emits cannot keep it waiting. */
  exclusive(write: () => Promise<void>): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#turns.push(() => write().then(resolve, reject));
      this.#start();
    });
  }

  /** Resolves when nothing is left to be written. */
  async settled(): Promise<void> {
    while (this.#running !== null) await this.#running;
  }

  async #run(): Promise<void> {
    while (this.#turns.length > 0 || this.#queue.length > 0) {
      const turn = this.#turns.shift();
      await (turn === undefined ? this.#commitNext() : turn());
    }
    this.#running = null;
  }

  async #commitNext(): Promise<void> {
    const units = this.#take();
    if (units.length === 0) return;
    const build = new Build(units, this.#options.journal.heads, this.#newestId, this.#options.now());
    try {
      await this.#options.journal.commit(build.batch);
    } catch (error) {
      this.#fail(units, error as Error);
      return;
    }
    this.#newestId = build.newestId;
    for (const run of build.runs(this.#options.limits.maxFrameSignals)) this.#options.publish(run);
    this.#pending -= build.emissions;
    for (const keeper of build.keepers) keeper.onCommitted();
    if (this.#options.onEmitted !== null) build.appended.forEach(this.#options.onEmitted);
    for (const unit of units) {
      unit.onDurable?.();
    }
  }

  /** Whole units up to the limits of one commit (C2), at least one. */
  #take(): Unit[] {
    const { maxCommitSignals, maxCommitBytes } = this.#options.limits;
    const units: Unit[] = [];
    let signals = 0;
    let bytes = 0;
    for (let unit = this.#queue.peek(); unit !== undefined; unit = this.#queue.peek()) {
      if (signals >= maxCommitSignals || bytes >= maxCommitBytes) break;
      this.#queue.shift();
      if (unit.intake === true && !this.#hasReserve()) {
        this.#pending -= unit.emissions?.length ?? 0;
        unit.onFailed?.(
          new DiskFullError(this.#options.journal.path, "less space is free than limits.disk_reserve_bytes"),
        );
        continue;
      }
      units.push(unit);
      const emissions = unit.emissions ?? NONE;
      signals += Math.max(1, emissions.length);
      for (const emission of emissions) bytes += emission.factsJson.length + ENVELOPE_BYTES;
    }
    this.#bytesSinceCheck += bytes;
    return units;
  }

  #hasReserve(): boolean {
    const now = this.#options.now();
    const { diskReserveBytes } = this.#options.limits;
    const used = this.#bytesSinceCheck > diskReserveBytes * FREE_SPACE_SHARE;
    if (used || Math.abs(now - this.#reserveCheckedMs) > FREE_SPACE_TTL_MS) {
      this.#reserveCheckedMs = now;
      this.#bytesSinceCheck = 0;
      this.#reserveHeld = this.#options.freeBytes() >= diskReserveBytes;
    }
    return this.#reserveHeld;
  }

  #fail(units: readonly Unit[], error: Error): void {
    const failed = [...units];
    for (let unit = this.#queue.shift(); unit !== undefined; unit = this.#queue.shift()) failed.push(unit);
    this.#pending = 0;
    for (const unit of failed) for (const emission of unit.emissions ?? NONE) emission.seq = 0;
    this.#options.onFailure(error);
    for (const unit of failed) unit.onFailed?.(error);
  }
}

interface Span {
  readonly first: number;
  last: number;
  count: number;
}

/** One commit in the making: gives seqs, writes lines, gathers what else the units change. */
class Build {
  readonly batch: CommitBatch;
  readonly keepers = new Set<ProgressKeeper>();
  /** Emissions that the units wait for. */
  emissions = 0;
  /** Those of them that this commit journals: one that is wanted twice goes in once. */
  readonly appended: Emission[] = [];
  readonly #runs: { readonly signal: string; count: number }[] = [];
  #lines: Buffer = Buffer.alloc(0);

  newestId: string;

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
