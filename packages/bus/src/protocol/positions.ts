/** What an emitter knows of its own journal without reading it: one small value, written with every commit. */

export interface NameHead {
  /** Seq of the newest signal of this name. */
  readonly last: number;
  /** How many were ever journalled. */
  readonly count: number;
  /** How many of them retention has removed. */
  readonly pruned: number;
}

/**
 * A stretch of the journal's life: each opening for writing begins a new one, under a name that never was before.
 * So a journal that was put back from an old copy lacks the stretches that others remember, and a seq that is given a
 * second time is given under another epoch: no position is ever mistaken for another.
 */
export interface EpochSpan {
  readonly epoch: string;
  readonly first: number;
}

/** Stretches an emitter remembers. Those without a signal leave no trace, so a crash loop does not use them up. */
export const MAX_EPOCHS = 2_000;

/** The life goes on under a new epoch. */
export function withNewEpoch(heads: Heads, epoch: string): Heads {
  const first = heads.last + 1;
  const lived = heads.epochs.filter((span) => span.first < first);
  return { ...heads, epochs: [...lived, { epoch, first }].slice(-MAX_EPOCHS) };
}

/**
 * How far two memories of a journal's life agree: the last seq of the newest stretch that both know, each as far as it
 * knows. Null: they have nothing in common, it is another journal.
 */
export function agreedUpTo(mine: readonly EpochSpan[], theirs: readonly EpochSpan[]): number | null {
  for (let i = mine.length - 1; i >= 0; i--) {
    const j = theirs.findIndex((span) => span.epoch === mine[i]?.epoch);
    if (j >= 0) return Math.min(endOf(mine, i), endOf(theirs, j));
  }
  return null;
}

/** What a cursor from a stretch of this life is worth now; 0 when the stretch is not remembered. */
export function cursorIn(epochs: readonly EpochSpan[], epoch: string, cursor: number): number {
  const at = epochs.findIndex((span) => span.epoch === epoch);
  return at < 0 ? 0 : Math.min(cursor, endOf(epochs, at));
}

function endOf(spans: readonly EpochSpan[], at: number): number {
  const next = spans[at + 1];
  return next === undefined ? Number.MAX_SAFE_INTEGER : next.first - 1;
}

export interface Heads {
  readonly epochs: readonly EpochSpan[];
  /** Newest seq; 0 in an empty journal. */
  readonly last: number;
  /** Millisecond part of the newest generated id: generated ids never go back, not even across a restart with the clock set back. */
  readonly lastIdMs: number;
  readonly names: Readonly<Record<string, NameHead>>;
}

export function emptyHeads(epoch: string): Heads {
  return { epochs: [{ epoch, first: 1 }], last: 0, lastIdMs: 0, names: {} };
}

export function currentEpoch(heads: Heads): string {
  return heads.epochs[heads.epochs.length - 1]?.epoch ?? "";
}
