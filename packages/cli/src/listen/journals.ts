/** The journals of a home as a listener uses them: what was before, and what the live stream lost. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Envelope, type HomeInspection, inspectHome, type JournalView } from "@kloros/bus";
import { mergeByTime } from "./merge-by-time.ts";
import { Positions } from "./positions.ts";

/** Signals read from a journal in one piece. */
const MAX_TAIL = 5_000;
/** Longest time from a signal's timestamp to its commit, in milliseconds; a disk that stalls longer is broken. */
const COMMIT_DELAY_MS = 60_000;

/** Says which signals matter. */
export type Wants = (signal: string, source: string) => boolean;

export class ListenedJournals {
  readonly #positions = new Positions();
  readonly #home: string;
  readonly #wants: Wants;
  /** By emitter: Unix milliseconds of the last look that told everything. */
  readonly #settledAtMs = new Map<string, number>();
  #inspection: HomeInspection;

  /** Opens what is there; from here on nothing that is journalled is missed. */
  constructor(home: string, wants: Wants) {
    this.#home = home;
    this.#wants = wants;
    this.#inspection = inspectHome(home);
    for (const [name, journal] of this.#inspection.journals) {
      this.#positions.startAfter(name, spanOf(journal).epoch, journal.heads.last);
      this.#settledAtMs.set(name, Date.now());
    }
  }

  /** What was emitted from `sinceMs` (Unix milliseconds) until this was opened, by time over all emitters. */
  since(sinceMs: number): Generator<Envelope> {
    const streams = [...this.#inspection.journals].map(([name, journal]) =>
      this.#earlier(name, journal, sinceMs),
    );
    return mergeByTime(streams);
  }

  /** A live signal, if it is new, preceded by what the live stream lost before it. */
  async live(envelope: Envelope): Promise<Iterable<Envelope>> {
    const verdict = this.#positions.judge(envelope);
    if (verdict === "known") return [];
    if (verdict === "gap" && !this.#inspection.journals.has(envelope.source)) await this.#reopenWhenNew();
    return this.#withLost(envelope, verdict === "gap");
  }

  /** Looks into every journal, also those that are new, for what was not told. */
  async sweep(): Promise<Iterable<Envelope>> {
    await this.#reopenWhenNew();
    return mergeByTime([...this.#inspection.journals].map(([name, journal]) => this.#untold(name, journal)));
  }

  async close(): Promise<void> {
    await this.#inspection.close();
  }

  *#withLost(envelope: Envelope, isGap: boolean): Generator<Envelope> {
    const journal = isGap ? this.#inspection.journals.get(envelope.source) : undefined;
    if (journal) yield* this.#untold(envelope.source, journal);
    if (this.#positions.judge(envelope) === "known") return;
    this.#positions.tell(envelope);
    yield envelope;
  }

  *#untold(name: string, journal: JournalView): Generator<Envelope> {
    journal.refresh();
    const { last, names } = journal.heads;
    const readAtMs = Date.now();
    const { epoch, first } = spanOf(journal);
    if (!this.#positions.knows(name, epoch)) this.#positions.startAfter(name, epoch, first - 1);
    const wanted = Object.entries(names).filter(([signal]) => this.#wants(signal, name));
    if (this.#positions.isBehind(name, new Map(wanted.map(([signal, head]) => [signal, head.last])))) {
      for (const envelope of this.#read(name, journal, last)) {
        if (envelope.seq > last || !this.#wants(envelope.signal, name)) continue;
        if (this.#positions.judge(envelope) === "known") continue;
        this.#positions.tell(envelope);
        yield envelope;
      }
    }
    this.#positions.settle(name, last);
    this.#settledAtMs.set(name, readAtMs);
  }

  /** A few at once, or, for a reader far behind, one after the other, so that memory stays bounded (P5). */
  #read(name: string, journal: JournalView, last: number): Iterable<Envelope> {
    const behind = last - this.#positions.baseOf(name);
    if (behind <= MAX_TAIL) return journal.tail(behind);
    return journal.since((this.#settledAtMs.get(name) ?? 0) - COMMIT_DELAY_MS);
  }

  *#earlier(name: string, journal: JournalView, sinceMs: number): Generator<Envelope> {
    const last = this.#positions.baseOf(name);
    for (const envelope of journal.since(sinceMs)) {
      if (envelope.seq <= last && this.#wants(envelope.signal, name)) yield envelope;
    }
  }

  async #reopenWhenNew(): Promise<void> {
    const known = this.#inspection.journals;
    if (journalFolders(this.#home).every((name) => known.has(name))) return;
    const old = this.#inspection;
    this.#inspection = inspectHome(this.#home);
    await old.close();
  }
}

function spanOf(journal: JournalView): { readonly epoch: string; readonly first: number } {
  return journal.heads.epochs.at(-1) ?? { epoch: "", first: 1 };
}

function journalFolders(home: string): string[] {
  try {
    return readdirSync(join(home, "journal"));
  } catch {
    return []; // The home has gone; so have its journals.
  }
}
