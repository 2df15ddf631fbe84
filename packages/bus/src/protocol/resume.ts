/**
 * Where a receptor's story continues in an emitter's journal: (old progress, welcome) → streams, and what is lost.
 * A position means something only as far as both ends remember the same life of the journal.
 */
import type { BusLimits } from "./limits.ts";
import { NameStream, type NameProgress } from "./name-stream.ts";
import { agreedUpTo, type EpochSpan, type NameHead } from "./positions.ts";
import type { Welcome } from "./wire.ts";

export interface EmitterProgress {
  /** The newest stretches of the emitter's life that this consumer knows, the current one last. */
  readonly epochs: readonly EpochSpan[];
  readonly names: Readonly<Record<string, NameProgress>>;
}

export interface Subscription {
  readonly from: "earliest" | "now";
  /** Hash of the contract that the consumer understands. */
  readonly hash: string;
}

export interface Resumed {
  readonly streams: readonly NameStream[];
  /** Names whose old position is worthless: the emitter's journal is not the one it was. */
  readonly replaced: readonly string[];
  /** Up to here both ends remember the same journal; null when there is nothing to compare. */
  readonly agreed: number | null;
  /** The emitter's journal was put back from an old copy: it no longer holds something that was handled here. */
  readonly setBack: boolean;
}

export function resume(
  progress: EmitterProgress | null,
  welcome: Welcome,
  subscriptions: ReadonlyMap<string, Subscription>,
  limits: Pick<BusLimits, "maxInboxSignals" | "maxInboxBytes">,
): Resumed {
  const { maxInboxSignals: window, maxInboxBytes: maxBytes } = limits;
  const agreed = progress === null ? null : agreedUpTo(progress.epochs, welcome.epochs);
  const kept = progress === null || agreed === null ? {} : progress.names;
  const before = progress === null || agreed !== null ? [] : Object.entries(progress.names);
  const replaced = before.filter(([, old]) => highest(old) > 0).map(([name]) => name);
  const setBack = Object.values(kept).some((old) => agreed !== null && highest(old) > agreed);
  const streams = [...subscriptions].map(([name, subscription]) => {
    const old = kept[name];
    if (old === undefined) {
      // Whoever listened to the old journal has been listening ever since: all of the new one is news to it.
      const from = before.some(([known]) => known === name) ? "earliest" : subscription.from;
      return new NameStream(name, fresh(from, welcome.names[name]), window, maxBytes);
    }
    return new NameStream(name, agreed === null ? old : clamped(old, agreed), window, maxBytes);
  });
  return { streams, replaced, agreed, setBack };
}

function fresh(from: Subscription["from"], head: NameHead | undefined): NameProgress {
  const [cursor, base] = from === "now" ? [head?.last ?? 0, head?.count ?? 0] : [0, head?.pruned ?? 0];
  return { cursor, done: [], base, handled: 0, dead: 0, expired: 0 };
}

function highest(old: NameProgress): number {
  return Math.max(old.cursor, ...old.done);
}

/** Positions after `last` are not in the emitter's journal, or belong to other signals now. */
function clamped(old: NameProgress, last: number): NameProgress {
  if (highest(old) <= last) return old;
  const done = old.done.filter((seq) => seq <= last);
  return { ...old, cursor: Math.min(old.cursor, last), done, unbalanced: true };
}
