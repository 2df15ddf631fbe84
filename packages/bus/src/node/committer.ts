/**
 * Group commit: units collect while one commit is in flight, then go to disk together; so one sync carries one signal
 * when idle and hundreds under load. The only writer of the journal, and the only giver of seqs.
 *
 * C1  Nothing is published or acknowledged before its commit is synced (P1, P2).
 * C2  A unit is in one commit as a whole (P3).
 * C3  After a failed commit every unit that waited is failed too: a later one may build on what was lost.
 */
import { DiskFullError } from "../journal/errors.ts";
import type { Journal } from "../journal/journal.ts";
import { Deque } from "../protocol/deque.ts";
import type { BusLimits } from "../protocol/limits.ts";
import { Build, type PublishedRun } from "./commit-build.ts";
import type { Emission, Finish, Unit } from "./unit.ts";

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
  /** A handling's fate is on disk. */
  readonly onFinished: ((finish: Finish) => void) | null;
  /** One commit is on disk; `bytes` are those of the signals' lines. */
  readonly onCommitted: ((commit: { signals: number; bytes: number; ms: number }) => void) | null;
  readonly onFailure: (error: Error) => void;
}

/** Bytes of an envelope besides its facts, for the size of a commit; a close guess is enough. */
const ENVELOPE_BYTES = 400;
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
    const { journal, onCommitted, onFinished } = this.#options;
    const begunMs = onCommitted === null ? 0 : performance.now();
    try {
      await journal.commit(build.batch);
    } catch (error) {
      this.#fail(units, error as Error);
      return;
    }
    onCommitted?.({ signals: build.appended.length, bytes: build.bytes, ms: performance.now() - begunMs });
    this.#newestId = build.newestId;
    // Told before anybody can hear it: in a log that all daemons share, the emission stands before its receipts.
    if (this.#options.onEmitted !== null) build.appended.forEach(this.#options.onEmitted);
    for (const run of build.runs(this.#options.limits.maxFrameSignals)) this.#options.publish(run);
    this.#pending -= build.emissions;
    for (const keeper of build.keepers) keeper.onCommitted();
    for (const unit of units) {
      unit.onDurable?.();
      if (onFinished !== null && unit.finish) onFinished(unit.finish);
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
