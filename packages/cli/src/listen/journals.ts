/** The journals of a home as a listener uses them: what was before, and what the live stream lost. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { type Envelope, type HomeInspection, inspectHome, type JournalView } from "@kloros/bus";
import { mergeByTime } from "./merge-by-time.ts";
import { Positions } from "./positions.ts";

/** Says which signals matter. */
export type Wants = (signal: string, source: string) => boolean;

export class ListenedJournals {
  readonly #positions = new Positions();
  readonly #home: string;
  readonly #wants: Wants;
  #inspection: HomeInspection;

  /** Opens what is there; from here on nothing that is journalled is missed. */
  constructor(home: string, wants: Wants) {
    this.#home = home;
    this.#wants = wants;
    this.#inspection = inspectHome(home);
    for (const [name, journal] of this.#inspection.journals)
      this.#positions.startAfter(name, spanOf(journal).epoch, journal.heads.last);
  }

  /** What was emitted from `sinceMs` (Unix milliseconds) until this was opened, by time over all emitters. */
  since(sinceMs: number): Generator<Envelope> {
    const streams = [...this.#inspection.journals].map(([name, journal]) =>
      this.#earlier(name, journal, sinceMs),
    );
    return mergeByTime(streams);
  }

  /** A live signal, if it is new, preceded by what the live stream lost before it. */
  async live(envelope: Envelope): Promise<Envelope[]> {
    const verdict = this.#positions.judge(envelope);
    if (verdict === "known") return [];
    const lost = verdict === "gap" ? await this.#lostBefore(envelope) : [];
    if (this.#positions.judge(envelope) === "known") return lost;
    this.#positions.tell(envelope);
    return [...lost, envelope];
  }

  /** Looks into every journal, also those that are new, for what was not told. */
  async sweep(): Promise<Envelope[]> {
    await this.#reopenWhenNew();
    return [
      ...mergeByTime([...this.#inspection.journals].map(([name, journal]) => this.#untold(name, journal))),
    ];
  }

  async close(): Promise<void> {
    await this.#inspection.close();
  }

  async #lostBefore({ source }: Envelope): Promise<Envelope[]> {
    if (!this.#inspection.journals.has(source)) await this.#reopenWhenNew();
    const journal = this.#inspection.journals.get(source);
    return journal ? this.#untold(source, journal) : [];
  }

  #untold(name: string, journal: JournalView): Envelope[] {
    journal.refresh();
    const { heads } = journal;
    const { epoch, first } = spanOf(journal);
    if (!this.#positions.knows(name, epoch)) this.#positions.startAfter(name, epoch, first - 1);
    const newest = Object.entries(heads.names).filter(([signal]) => this.#wants(signal, name));
    const last = new Map(newest.map(([signal, head]) => [signal, head.last]));
    const untold = this.#positions.isBehind(name, last) ? this.#read(name, journal, heads.last) : [];
    for (const envelope of untold) this.#positions.tell(envelope);
    this.#positions.settle(name, heads.last);
    return untold;
  }

  #read(name: string, journal: JournalView, last: number): Envelope[] {
    return journal
      .tail(last - this.#positions.baseOf(name))
      .filter((envelope) => envelope.seq <= last && this.#wants(envelope.signal, name))
      .filter((envelope) => this.#positions.judge(envelope) !== "known");
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
