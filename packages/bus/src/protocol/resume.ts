/**
 * Where a receptor's story continues in an emitter's journal: (old progress, welcome) → streams, and what is lost.
 * A journal has a life of epochs; a position means something only within an epoch that the emitter still remembers.
 */
import type { BusLimits } from "./limits.ts";
import { NameStream, type NameProgress } from "./name-stream.ts";
import type { NameHead } from "./positions.ts";
import type { Welcome } from "./wire.ts";

export interface EmitterProgress {
  readonly epoch: string;
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
}

export function resume(
  progress: EmitterProgress | null,
  welcome: Welcome,
  subscriptions: ReadonlyMap<string, Subscription>,
  limits: Pick<BusLimits, "maxInboxSignals" | "maxInboxBytes">,
): Resumed {
  const { maxInboxSignals: window, maxInboxBytes: maxBytes } = limits;
  const at = progress === null ? -1 : welcome.epochs.findIndex((span) => span.epoch === progress.epoch);
  const next = welcome.epochs[at + 1];
  const kept = progress === null || at === -1 ? {} : progress.names;
  const replaced = progress !== null && at === -1 ? Object.keys(progress.names) : [];
  const streams = [...subscriptions].map(([name, subscription]) => {
    const old = kept[name];
    if (old === undefined) {
      // Whoever listened to the old journal has been listening ever since: all of the new one is news to it.
      const from = replaced.includes(name) ? "earliest" : subscription.from;
      return new NameStream(name, fresh(from, welcome.names[name]), window, maxBytes);
    }
    return new NameStream(name, next === undefined ? old : clamped(old, next.first - 1), window, maxBytes);
  });
  return { streams, replaced };
}

function fresh(from: Subscription["from"], head: NameHead | undefined): NameProgress {
  const [cursor, base] = from === "now" ? [head?.last ?? 0, head?.count ?? 0] : [0, head?.pruned ?? 0];
  return { cursor, done: [], base, handled: 0, dead: 0, expired: 0 };
}

/** The journal was set back: positions after `last` were never durable there, or belong to another story now. */
function clamped(old: NameProgress, last: number): NameProgress {
  return { ...old, cursor: Math.min(old.cursor, last), done: old.done.filter((seq) => seq <= last) };
}
