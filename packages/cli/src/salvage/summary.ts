/** What a salvage brought back, and what lies between and was not found. Pure. */
import type { Envelope } from "@kloros/bus";

export interface SeqRange {
  readonly first: number;
  readonly last: number;
}

/** The JSON form of the summary. */
export interface SalvageSummary {
  readonly daemon: string;
  /** Folder of the journal. */
  readonly journal: string;
  /** File with the signals; null when they went to standard output, or when there is none. */
  readonly file: string | null;
  readonly signals: number;
  readonly by_signal: Readonly<Record<string, number>>;
  readonly first_seq: number | null;
  readonly last_seq: number | null;
  /** Signals between the first and the last one that were not found. */
  readonly missing_signals: number;
  readonly missing_ranges: number;
  /** The first thousand of these ranges. */
  readonly missing: readonly SeqRange[];
}

/** Ranges that are listed one by one (P5): beyond these, their number and the signals in them are what helps. */
const MAX_LISTED_RANGES = 1_000;

/** Counts signals that come in the order of their seq; a seq may occur in more than one epoch. */
export class SalvageCount {
  #signals = 0;
  #first: number | null = null;
  #last: number | null = null;
  #missingSignals = 0;
  #missingRanges = 0;
  readonly #missing: SeqRange[] = [];
  readonly #names = new Map<string, number>();

  add({ signal, seq }: Pick<Envelope, "signal" | "seq">): void {
    this.#signals++;
    this.#names.set(signal, (this.#names.get(signal) ?? 0) + 1);
    this.#first ??= seq;
    if (this.#last !== null && seq > this.#last + 1) this.#addMissing(this.#last + 1, seq - 1);
    this.#last = seq;
  }

  summary(place: Pick<SalvageSummary, "daemon" | "journal" | "file">): SalvageSummary {
    const byName = [...this.#names].sort(([a], [b]) => (a < b ? -1 : 1));
    return {
      ...place,
      signals: this.#signals,
      by_signal: Object.fromEntries(byName),
      first_seq: this.#first,
      last_seq: this.#last,
      missing_signals: this.#missingSignals,
      missing_ranges: this.#missingRanges,
      missing: this.#missing,
    };
  }

  #addMissing(first: number, last: number): void {
    this.#missingSignals += last - first + 1;
    this.#missingRanges++;
    if (this.#missing.length < MAX_LISTED_RANGES) this.#missing.push({ first, last });
  }
}
