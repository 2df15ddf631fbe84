/**
 * What emitters have on disk for a consumer that has not finished it, whether they run or not: read from their journals,
 * beside the live way and without taking part in it. For decisions that must not be made while an answer is on its way.
 *
 * A few milliseconds of reading, then the event loop gets its turn; nothing is held between two turns.
 */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { lineName, walkLines, type Block } from "../journal/block.ts";
import { Journal } from "../journal/journal.ts";
import { agreedUpTo } from "../protocol/positions.ts";
import type { EmitterProgress } from "../protocol/resume.ts";
import type { Contracts } from "../signal/contract.ts";
import type { Envelope } from "../signal/envelope.ts";

export type Unfinished =
  | { readonly kind: "signal"; readonly envelope: Envelope }
  /** The journal of an emitter cannot be read now: what it holds is not known. */
  | { readonly kind: "unreadable"; readonly emitter: string; readonly error: Error };

export interface UnfinishedOptions {
  readonly home: string;
  readonly contracts: Pick<Contracts, "emittersOf">;
  /** The consumer's own journal: what it has finished stands there, and it may be an emitter, too. */
  readonly own: { readonly daemon: string; readonly journal: Journal };
}

interface Wanted {
  readonly names: readonly string[];
  readonly has: (name: string, seq: number) => boolean;
}

/** Reading goes on for so long before others get their turn, in milliseconds. */
const TURN_BUDGET_MS = 5;

/** Signals of these names that lie in journals and are not finished, emitter by emitter, each in its order. */
export async function* unfinished(
  { home, contracts, own }: UnfinishedOptions,
  signals: readonly string[],
): AsyncGenerator<Unfinished> {
  for (const emitter of new Set(signals.flatMap((name) => contracts.emittersOf(name)))) {
    const names = signals.filter((name) => contracts.emittersOf(name).includes(emitter));
    const progress = own.journal.entries("progress").get(emitter);
    const known = progress === undefined ? null : (JSON.parse(progress) as EmitterProgress);
    const path = join(home, "journal", emitter);
    if (emitter === own.daemon) {
      yield* readFrom(own.journal, names, known);
    } else if (existsSync(path)) {
      yield* readClosed(path, emitter, (journal) => readFrom(journal, names, known));
    }
  }
}

async function* readClosed(
  path: string,
  emitter: string,
  read: (journal: Journal) => AsyncGenerator<Unfinished>,
): AsyncGenerator<Unfinished> {
  let journal: Journal | null = null;
  try {
    journal = new Journal(path, { readOnly: true, newEpoch: () => "" });
    yield* read(journal);
  } catch (error) {
    yield { kind: "unreadable", emitter, error: error as Error };
  } finally {
    await journal?.close();
  }
}

async function* readFrom(
  journal: Journal,
  names: readonly string[],
  progress: EmitterProgress | null,
): AsyncGenerator<Unfinished> {
  const isFinished = finishedIn(journal, progress);
  const wanted: Wanted = { names, has: (name, seq) => names.includes(name) && !isFinished(name, seq) };
  let from = Math.min(...names.map((name) => firstUnfinished(journal, progress, name)));
  while (from <= journal.heads.last) {
    const { found, next } = readTurn(journal, from, wanted);
    for (const envelope of found) yield { kind: "signal", envelope };
    if (next <= from) return;
    from = next;
    await nextTurn();
  }
}

/** Reads for one turn; `next` is where to go on, after the journal's last when nothing is left. */
function readTurn(journal: Journal, from: number, wanted: Wanted): { found: Envelope[]; next: number } {
  const until = performance.now() + TURN_BUDGET_MS;
  const found: Envelope[] = [];
  for (const reading of journal.blocksFrom(from)) {
    if (reading.kind === "corrupt") continue;
    found.push(...wantedIn(reading.block, wanted));
    if (performance.now() > until) return { found, next: reading.block.last + 1 };
  }
  return { found, next: journal.heads.last + 1 };
}

function wantedIn(block: Block, wanted: Wanted): Envelope[] {
  const found: Envelope[] = [];
  if (!wanted.names.some((name) => Object.hasOwn(block.header.names, name))) return found;
  walkLines(block, (seq, start, end) => {
    if (wanted.has(lineName(block.lines, start), seq))
      found.push(JSON.parse(block.lines.toString("utf8", start, end)) as Envelope);
    return true;
  });
  return found;
}

function firstUnfinished(journal: Journal, progress: EmitterProgress | null, name: string): number {
  const { cursor } = positionOf(journal, progress, name);
  const last = journal.heads.names[name]?.last ?? 0;
  return cursor < last ? cursor + 1 : Infinity;
}

function finishedIn(
  journal: Journal,
  progress: EmitterProgress | null,
): (name: string, seq: number) => boolean {
  const positions = new Map<string, { cursor: number; done: ReadonlySet<number> }>();
  return (name, seq) => {
    const position = positions.get(name) ?? positionOf(journal, progress, name);
    positions.set(name, position);
    return seq <= position.cursor || position.done.has(seq);
  };
}

/** A position in another life of the journal is worth what both remember. */
function positionOf(journal: Journal, progress: EmitterProgress | null, name: string) {
  const at = progress?.names[name];
  const agreed = progress === null ? null : agreedUpTo(progress.epochs, journal.heads.epochs);
  if (at === undefined || agreed === null) return { cursor: 0, done: new Set<number>() };
  return {
    cursor: Math.min(at.cursor, agreed),
    done: new Set(at.done.filter((seq) => seq <= agreed)),
  };
}
