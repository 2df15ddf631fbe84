/** Where a receptor stands with one emitter, as values: for the journal, and for the emitter to know. */
import type { NameProgress, NameStream } from "./name-stream.ts";
import { agreedUpTo, type EpochSpan } from "./positions.ts";
import type { EmitterProgress } from "./resume.ts";

/** Stretches of an emitter's life that a consumer remembers; written with every commit, so few. */
const MAX_KNOWN_EPOCHS = 16;

export type Cursors = Readonly<Record<string, number>>;

/** Progress of names that this version no longer handles is kept, should a later one handle them again. */
export function progressOf(
  epochs: readonly EpochSpan[],
  streams: ReadonlyMap<string, NameStream>,
  before: EmitterProgress | null,
): EmitterProgress {
  const kept = before !== null && agreedUpTo(before.epochs, epochs) !== null;
  const names: Record<string, NameProgress> = kept ? { ...before.names } : {};
  for (const [name, stream] of streams) names[name] = stream.progress();
  return { epochs: epochs.slice(-MAX_KNOWN_EPOCHS), names };
}

/** Cursors of the names that somebody still asks for. */
export function cursorsOf(
  progress: EmitterProgress | null,
  subscriptions: ReadonlyMap<string, unknown>,
): Cursors {
  const known = Object.entries(progress?.names ?? {}).filter(([name]) => subscriptions.has(name));
  return Object.fromEntries(known.map(([name, { cursor }]) => [name, cursor]));
}

export function cursorsIn(streams: ReadonlyMap<string, NameStream>): Cursors {
  return Object.fromEntries([...streams].map(([name, stream]) => [name, stream.cursor]));
}
