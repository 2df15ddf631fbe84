/** What an emitter knows of its own journal without reading it: one small value, written with every commit. */

export interface NameHead {
  /** Seq of the newest signal of this name. */
  readonly last: number;
  /** How many were ever journalled. */
  readonly count: number;
  /** How many of them retention has removed. */
  readonly pruned: number;
}

/** A stretch of the journal's life. A journal that was restored from an old copy starts a new one, so seqs are never reused silently. */
export interface EpochSpan {
  readonly epoch: string;
  readonly first: number;
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
