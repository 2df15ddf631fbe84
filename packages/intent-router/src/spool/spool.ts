/**
 * The intents folder at work: notices files, judges them, gives each exactly one fate. The order of steps is what keeps
 * the promises; each step is in its own file.
 *
 * S1 The watch stands before the first scan (folder-watch.ts W1), and a scan every few seconds finds what no watch told.
 * S2 A file leaves the folder only after the transaction that says why is on disk (P2, P3).
 * S3 While a scan's names are unseen nothing is routed: a backlog goes by priority, then age and an urgent intent never waits behind them.
 * S4 One pump, one batch at a time: two files are never judged against a memory that is being changed.
 */
import { performance } from "node:perf_hooks";
import { errnoOf } from "../errno.ts";
import { priorityRank } from "../intent/priority.ts";
import { Backoff } from "./backoff.ts";
import { BatchRouter } from "./batch-router.ts";
import { FolderWatch } from "./folder-watch.ts";
import { Intake, type Entry } from "./intake.ts";
import { judgeFile, type Judged } from "./judge-file.ts";
import { JudgementCache } from "./judgement-cache.ts";
import { listFolder } from "./list-folder.ts";
import { inParallel } from "./parallel.ts";
import { isTemporaryName, type RawName } from "./raw-name.ts";
import { makeFolders, OWN_NAMES } from "./spool-folders.ts";
import type { SpoolOptions } from "./spool-options.ts";

/** Names held at once (about 300 bytes each); what lies beyond waits on disk, and is ordered when its turn comes (S3). */
export const MAX_INDEXED_FILES = 50_000;
/** Files looked at between two chances to route. */
const LOOK_CHUNK_FILES = 512;
/** Open files at once; four threads of the pool do the reading, a few more requests keep them busy. */
const PARALLEL_READS = 16;
/** Files that share one transaction and so one sync. */
const BATCH_FILES = 256;
/** Content of one batch; the dead letters of a batch of bad files are held in memory. */
const BATCH_BYTES = 8 * 1024 * 1024;
/** Files that could not be moved; so many mean that the folder is at fault, and routing on would only add to them. */
const MAX_STUCK_FILES = 256;
/** The rank of what is to be rejected: after every signal. */
const LAST_RANK = 4;

export interface SpoolCounts {
  /** Files that came to each fate since the start. */
  readonly routed: number;
  readonly duplicates: number;
  readonly rejected: number;
  /** Files that wait for a look or their turn. */
  readonly waiting: number;
  /** Files that somebody may still be writing. */
  readonly settling: number;
  /** Files that cannot be moved out of the folder. */
  readonly stuck: number;
  /** Files with temporary names, which are left alone. */
  readonly temporary: number;
  /** Contents that count as routed. */
  readonly remembered: number;
  /** Why nothing can be routed; empty when all is well. */
  readonly trouble: string;
}

export class Spool {
  readonly #options: SpoolOptions;
  readonly #intake = new Intake(MAX_INDEXED_FILES);
  readonly #cache = new JudgementCache();
  readonly #router: BatchRouter;
  readonly #watch: FolderWatch;
  readonly #backoff = new Backoff();
  #pumping: Promise<void> | undefined;
  #scanning: Promise<void> | undefined;
  #scanAgain = false;
  #ticker: NodeJS.Timeout | undefined;
  #settleTimer: NodeJS.Timeout | undefined;
  #stopped = false;
  #scans = 0;
  #temporary = 0;
  #trouble = "";

  constructor(options: SpoolOptions) {
    this.#options = options;
    this.#router = new BatchRouter(options, this.#intake);
    this.#watch = new FolderWatch(options.folders.intents, {
      onName: (name) => this.#hear(name),
      onDoubt: () => this.#scan(),
    });
  }

  /** Finishes what a crash left, then watches and scans. Does not wait for the backlog. @throws system errors */
  async start(): Promise<void> {
    await makeFolders(this.#options.folders);
    await this.#router.recover();
    this.#scan();
    this.#ticker = setInterval(() => this.#tick(), this.#options.settings.rescanMs);
  }

  /** Stops intake; resolves when the batch at hand is done. */
  async stop(): Promise<void> {
    this.#stopped = true;
    this.#watch.close();
    clearInterval(this.#ticker);
    clearTimeout(this.#settleTimer);
    this.#backoff.cancel();
    await this.#scanning;
    await this.#pumping;
  }

  counts(): SpoolCounts {
    const { size, settling, stuck } = this.#intake;
    const waiting = size - settling - stuck;
    return {
      ...this.#router.counts,
      waiting,
      settling,
      stuck,
      temporary: this.#temporary,
      trouble: this.#trouble,
    };
  }

  #hear(name: RawName): void {
    if (this.#stopped || OWN_NAMES.has(name) || isTemporaryName(name)) return;
    this.#intake.hear(name);
    this.#wake();
  }

  #tick(): void {
    this.#intake.retryStuck();
    this.#scan();
  }

  /** S1. Calls while a scan runs lead to one more afterwards. */
  #scan(): void {
    if (this.#stopped) return;
    if (this.#scanning !== undefined) {
      this.#scanAgain = true;
      return;
    }
    this.#scanning = this.#scanOnce().finally(() => {
      this.#scanning = undefined;
      if (this.#scanAgain) {
        this.#scanAgain = false;
        this.#scan();
      }
      this.#wake();
    });
  }

  async #scanOnce(): Promise<void> {
    const { folders, log } = this.#options;
    try {
      if (await this.#watch.check()) {
        await makeFolders(folders);
        if (this.#scans > 0)
          log.warn({ folder: folders.intents }, "The intents folder is another one now; watching it");
      }
      this.#intake.starved = false;
      this.#intake.forgetMoves();
      const listing = await listFolder(folders.intents, OWN_NAMES, (name) => {
        const taken = this.#intake.meet(name);
        this.#wake();
        return taken && !this.#stopped;
      });
      this.#temporary = listing.temporary;
      this.#scans += 1;
      this.#trouble = "";
    } catch (cause) {
      this.#report(`the intents folder cannot be read (${errnoOf(cause)})`, cause);
    }
  }

  #wake(): void {
    if (this.#stopped || this.#pumping !== undefined || this.#backoff.waiting) return;
    this.#pumping = this.#pump()
      .then(
        () => this.#backoff.reset(),
        (cause: unknown) => {
          this.#report(`routing waits: ${cause instanceof Error ? cause.message : String(cause)}`, cause);
          this.#backoff.wait(() => this.#wake());
        },
      )
      .finally(() => {
        this.#pumping = undefined;
        if (this.#hasWork()) this.#wake();
        else this.#armSettleTimer();
      });
  }

  #hasWork(): boolean {
    const { idle, unseen, stuck } = this.#intake;
    if (idle || (this.#scanning !== undefined && unseen === 0)) return false;
    return stuck < MAX_STUCK_FILES;
  }

  async #pump(): Promise<void> {
    while (!this.#stopped) {
      const arrivals = this.#intake.takeArrivals(LOOK_CHUNK_FILES);
      if (arrivals.length > 0) await this.#look(arrivals);
      if (this.#scanning !== undefined || this.#intake.unseen > 0) {
        if (arrivals.length === 0) return; // the end of the scan wakes the pump again
        continue; // S3
      }
      if (this.#intake.stuck >= MAX_STUCK_FILES) return;
      const batch = this.#intake.takeBatch(BATCH_FILES, BATCH_BYTES);
      if (batch.length > 0) await this.#route(batch);
      else if (this.#intake.idle) break;
    }
    if (this.#intake.starved && this.#intake.size < MAX_INDEXED_FILES / 2) this.#scan();
    else if (this.#scans > 0 && !this.#stopped) await this.#router.tidy();
  }

  async #look(arrivals: readonly Entry[]): Promise<void> {
    await inParallel(arrivals, PARALLEL_READS, async (entry) => {
      const judged = await this.#judge(entry);
      if (judged === undefined) return;
      const rank = judged.kind === "route" ? priorityRank(judged.routed.priority) : LAST_RANK;
      this.#cache.keep(entry, judged);
      this.#intake.queue(entry, rank, judged.mtimeMs, judged.bytes);
    });
    this.#armSettleTimer();
  }

  async #route(batch: readonly Entry[]): Promise<void> {
    const judged = await inParallel(batch, PARALLEL_READS, async (entry) => {
      const kept = await this.#cache.take(entry, this.#options.folders.intents);
      return { entry, judged: kept ?? (await this.#judge(entry)) };
    });
    const sure = judged.flatMap(({ entry, judged: found }) =>
      found === undefined ? [] : [{ entry, judged: found }],
    );
    this.#options.reached("judged");
    await this.#router.route(sure);
  }

  /** Undefined when there is nothing to decide now: the file is gone, or still being written. */
  async #judge(entry: Entry): Promise<Judged | undefined> {
    const { folders, settings, rules } = this.#options;
    const options = { folder: folders.intents, maxBytes: settings.maxIntentBytes, rules };
    try {
      let judged = await judgeFile(options, entry.name, entry.settled);
      if (entry.settled && judged.kind !== "gone" && this.#intake.hasChanged(entry, judged.identity)) {
        judged = await judgeFile(options, entry.name, false);
      }
      if (judged.kind === "gone") this.#intake.finish(entry);
      else if (judged.kind === "wait") {
        this.#intake.settle(entry, judged.identity, performance.now(), this.#options.now() - judged.ctimeMs);
      } else return judged;
      return undefined;
    } catch (cause) {
      this.#intake.return(entry);
      throw cause;
    }
  }

  #armSettleTimer(): void {
    clearTimeout(this.#settleTimer);
    if (this.#stopped || this.#intake.settling === 0) return;
    const dueMs = this.#intake.wakeSettled(performance.now(), this.#options.settings.settleMs);
    if (dueMs !== undefined) this.#settleTimer = setTimeout(() => this.#armSettleTimer(), Math.ceil(dueMs));
    if (!this.#intake.idle) this.#wake();
  }

  /** Said once, until it changes. */
  #report(trouble: string, cause: unknown): void {
    if (trouble !== this.#trouble)
      this.#options.log.error({ err: cause }, "Intents cannot be routed at the moment");
    this.#trouble = trouble;
  }
}
