/**
 * One batch of judged files to their fates: plan, one transaction, then the moves (S2 of spool.ts).
 *
 * B1 Emissions, the memory of them, and dead letters are one transaction (P3): all of the batch, or nothing.
 * B2 A file that cannot be moved keeps its entry or record, so that trying again changes nothing but its place.
 */
import { KlorosError, syncDirectory, type Tx } from "@kloros/bus";
import { errnoOf } from "../errno.ts";
import { Carrier } from "./carry-out.ts";
import type { Entry, Intake } from "./intake.ts";
import type { Judged } from "./judge-file.ts";
import { inParallel } from "./parallel.ts";
import { planBatch, type Fate } from "./plan-batch.ts";
import { shownName } from "./raw-name.ts";
import { Rejections, type RejectionRecord } from "./rejections.ts";
import { PRUNE_CHUNK, RoutedLedger } from "./routed-ledger.ts";
import type { SpoolOptions } from "./spool-options.ts";

/** Moves at once. */
const PARALLEL_MOVES = 16;
/** Transactions of pruning in one go; the rest is for the next time. */
const MAX_PRUNINGS = 10;
/** Files in a batch that are named one by one in the log; of more only the number is told, and the names at level debug. */
const MAX_NAMED_FILES = 16;
/** What the bus may object to in one file alone; any other failure concerns the whole transaction. */
const ABOUT_THE_FILE: ReadonlySet<string> = new Set([
  "E_CONTRACT_VIOLATION",
  "E_UNKNOWN_SIGNAL",
  "E_EMIT_RIGHT",
  "E_SIGNAL_TOO_LARGE",
]);

interface Case {
  readonly entry: Entry;
  readonly fate: Fate;
  readonly record: RejectionRecord | undefined;
}

export class BatchRouter {
  readonly #options: SpoolOptions;
  readonly #intake: Intake;
  readonly #ledger: RoutedLedger;
  readonly #rejections: Rejections;
  readonly #carrier: Carrier;
  /** As of the last transaction; a status is asked for also when the node is closed already. */
  #remembered = 0;
  /** What the bus objected to; such a file is rejected in the next batch. */
  readonly #objections = new WeakMap<Entry, string>();

  constructor(options: SpoolOptions, intake: Intake) {
    this.#options = options;
    this.#intake = intake;
    const { duplicateWindowMs: windowMs, maxRemembered: maxEntries } = options.settings;
    const { state } = options.node;
    this.#ledger = new RoutedLedger(state, { windowMs, maxEntries, sha256: options.rules.sha256 });
    this.#rejections = new Rejections(options.folders, state);
    this.#carrier = new Carrier({ ...options, ledger: this.#ledger, rejections: this.#rejections });
  }

  get counts(): Carrier["counts"] & { remembered: number } {
    return { ...this.#carrier.counts, remembered: this.#remembered };
  }

  /** After a start, before the first scan. @throws system errors */
  async recover(): Promise<void> {
    const { rules, settings, log } = this.#options;
    const removals = await this.#carrier.recover(rules, settings.maxIntentBytes);
    const rejections = await this.#rejections.recover();
    if (removals + rejections > 0)
      log.info({ removals, rejections }, "Finished what the last run left half done");
  }

  /** @throws when the transaction fails: nothing has happened, and every file arrives again */
  async route(batch: readonly { readonly entry: Entry; readonly judged: Judged }[]): Promise<void> {
    let cases: readonly Case[];
    try {
      cases = await this.#commit(await this.#plan(batch));
    } catch (cause) {
      for (const { entry } of batch) this.#intake.return(entry);
      throw cause;
    }
    this.#options.reached("committed");
    const level = cases.length > MAX_NAMED_FILES ? "debug" : "info";
    if (level === "debug") this.#options.log.info({ files: cases.length }, "A batch of intents is on disk");
    const isDuplicate = ({ fate }: Case): boolean => fate.kind === "duplicate";
    await inParallel(
      cases.filter((one) => !isDuplicate(one)),
      PARALLEL_MOVES,
      async (one) => this.#carryOut(one, level),
    );
    for (const one of cases.filter(isDuplicate)) await this.#carryOut(one, level); // one by one: each takes a free name
    if (cases.some(({ fate }) => fate.kind === "rejected")) await this.#syncMoves();
  }

  /** Drops what need not be remembered; to be called when the folder has been scanned and nothing waits. */
  async tidy(): Promise<void> {
    const { node, now } = this.#options;
    const { done } = this.#rejections;
    if (done.length > 0) {
      await node.transact((tx) => this.#rejections.forget(tx.state, done));
      this.#rejections.forgotten(done);
    }
    for (let count = 0; count < MAX_PRUNINGS && this.#ledger.hasPrunable(now()); count += 1) {
      const dropped = await node.transact((tx) => this.#ledger.prune(tx.state, now()));
      this.#remembered = this.#ledger.size;
      if (dropped < PRUNE_CHUNK) return;
    }
  }

  async #plan(batch: readonly { readonly entry: Entry; readonly judged: Judged }[]): Promise<Case[]> {
    const { now } = this.#options;
    const named = batch.map(({ entry, judged }) => ({
      ...this.#withObjection(entry, judged),
      name: entry.name,
    }));
    const fates = planBatch(named, this.#ledger, now());
    const rejected = fates.filter((fate) => fate.kind === "rejected");
    const records = await this.#rejections.prepare(rejected, now());
    return batch.flatMap(({ entry }, index) => {
      const fate = fates[index];
      return fate === undefined ? [] : [{ entry, fate, record: records.get(fate) }];
    });
  }

  /** B1. Answers with the cases that are decided; the others arrive again. */
  async #commit(cases: readonly Case[]): Promise<readonly Case[]> {
    const { done } = this.#rejections;
    const undecided = new Set<Case>();
    if (done.length > 0 || cases.some(({ fate }) => fate.kind === "routed" || fate.kind === "rejected")) {
      await this.#options.node.transact((tx) => {
        this.#rejections.forget(tx.state, done);
        for (const one of cases) this.#enter(tx, one, undecided);
      });
      this.#rejections.forgotten(done);
      this.#remembered = this.#ledger.size;
    }
    const objectedKeys = new Set([...undecided].map(({ fate }) => keyOf(fate)));
    return cases.filter((one) => {
      const key = keyOf(one.fate);
      if (undecided.has(one) || (one.fate.kind === "duplicate" && objectedKeys.has(key))) {
        this.#intake.return(one.entry);
        return false;
      }
      if (key !== undefined && one.fate.kind !== "duplicate") this.#ledger.hold(key);
      return true;
    });
  }

  #enter(tx: Tx, one: Case, undecided: Set<Case>): void {
    const { entry, fate, record } = one;
    if (fate.kind === "rejected" && record !== undefined) this.#rejections.record(tx, fate, record);
    if (fate.kind !== "routed") return;
    const { signal, facts, priority, correlation_id } = fate.routed;
    try {
      const story = correlation_id === undefined ? {} : { correlation_id };
      const signal_id = tx.emit(signal, facts, { priority, ...story });
      const { name, identity: file } = fate;
      this.#ledger.record(tx.state, fate.routed, { file, name, signal_id, at: this.#options.now() });
    } catch (cause) {
      if (!(cause instanceof KlorosError) || !ABOUT_THE_FILE.has(cause.code)) throw cause;
      this.#objections.set(entry, cause.message);
      undecided.add(one);
    }
  }

  #withObjection(entry: Entry, judged: Judged): Judged {
    const message = this.#objections.get(entry);
    if (message === undefined || judged.kind !== "route") return judged;
    const { signal, facts } = judged.routed;
    return { ...judged, kind: "refuse", problems: [{ path: "", message }], content: { signal, facts } };
  }

  async #carryOut({ entry, fate, record }: Case, level: "info" | "debug"): Promise<void> {
    this.#intake.expectMove(entry.name);
    try {
      const kind = await this.#carrier.carryOut(fate, record, level);
      if (kind === "gone") this.#intake.expectNoMove(entry.name);
      this.#intake.finish(entry);
    } catch (cause) {
      this.#intake.expectNoMove(entry.name);
      if (!entry.saidStuck) {
        const file = shownName(entry.name);
        this.#options.log.error(
          { err: cause, errno: errnoOf(cause), file, fate: fate.kind },
          "Intent file cannot be moved",
        );
      }
      entry.saidStuck = true;
      this.#intake.stick(entry); // B2
    }
  }

  /** The end of a rejection's record must not reach the disk before the move did. */
  async #syncMoves(): Promise<void> {
    const { folders, log } = this.#options;
    try {
      await syncDirectory(folders.rejected);
      await syncDirectory(folders.intents);
    } catch (cause) {
      log.warn({ err: cause }, "The intents folders cannot be synced");
    }
  }
}

function keyOf(fate: Fate): string | undefined {
  return fate.kind === "rejected" ? undefined : fate.key;
}
