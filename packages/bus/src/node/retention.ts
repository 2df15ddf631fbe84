/** Carries out retention: plans with what consumers have acknowledged, removes, and shouts when the hard cap takes what was owed. */
import { walkLines } from "../journal/block.ts";
import type { Journal } from "../journal/journal.ts";
import { planPrune, type PrunePlan } from "../journal/prune-plan.ts";
import type { BusLimits } from "../protocol/limits.ts";
import { cursorIn } from "../protocol/positions.ts";
import type { Contracts } from "../signal/contract.ts";
import type { Committer } from "./committer.ts";
import type { ConsumerRecord } from "./emitter-port.ts";

export interface RetentionOptions {
  readonly journal: Journal;
  readonly committer: Committer;
  readonly consumers: ReadonlyMap<string, ConsumerRecord>;
  readonly contracts: Contracts;
  readonly limits: BusLimits;
  readonly now: () => number;
  /** Signals were removed that a consumer had not acknowledged. */
  readonly onOwedRemoved: (owed: Readonly<Record<string, number>>) => void;
}

const DAY_MS = 86_400_000;
/** For signals whose contract is gone: as long as the contracts' own default. */
const DEFAULT_RETENTION_DAYS = 30;
const MAX_BLOCKS_A_ROUND = 256;
/** The cap is enforced down to this share, so that it is not hit again at once. */
const CAP_TARGET = 0.9;

/** One round; returns how many blocks went. Call again soon while it is not 0. */
export async function pruneOnce(options: RetentionOptions): Promise<number> {
  const { journal, limits } = options;
  const used = journal.usedBytes();
  const excessBytes = used > limits.maxJournalBytes ? used - limits.maxJournalBytes * CAP_TARGET : 0;
  let removed = 0;
  await options.committer.exclusive(async () => {
    const plan = planPrune(journal.headers(), journal.heads.names, {
      nowMs: options.now(),
      retentionMs: (signal) =>
        (options.contracts.get(signal)?.retention_days ?? DEFAULT_RETENTION_DAYS) * DAY_MS,
      owedFrom: (signal) => owedFrom(options, signal),
      excessBytes,
      maxBlocks: MAX_BLOCKS_A_ROUND,
    });
    if (plan.blocks.length === 0) return;
    await journal.prune(removal(journal, plan));
    removed = plan.blocks.length;
    if (Object.keys(plan.owed).length > 0) options.onOwedRemoved(plan.owed);
  });
  return removed;
}

/** Owed is what a consumer or watcher that was here before has not acknowledged; one that never ran holds nothing back. */
function owedFrom({ consumers, contracts, journal }: RetentionOptions, signal: string): number {
  const last = journal.heads.names[signal]?.last ?? 0;
  const expected = [...contracts.consumersOf(signal), ...contracts.watchersOf(signal)];
  // Nobody can say any more who consumes a signal without a contract.
  const isOwed = (name: string) => expected.includes(name) || contracts.get(signal) === undefined;
  let from = Infinity;
  for (const [name, consumer] of consumers) {
    const cursor = consumer.cursors[signal];
    if (cursor === undefined || !isOwed(name)) continue;
    const acked = cursorIn(journal.heads.epochs, consumer.epoch, cursor);
    if (acked < last) from = Math.min(from, acked + 1);
  }
  return from;
}

function removal(journal: Journal, plan: PrunePlan) {
  const last = plan.blocks[plan.blocks.length - 1]?.first ?? 0;
  const ids = plan.blocks.flatMap(({ first, suppliedIds }) => (suppliedIds ? idsOf(journal, first) : []));
  return {
    blocks: plan.blocks.map(({ first }) => first),
    ids,
    generatedIds: journal.generatedIdsUpTo(last),
    heads: { ...journal.heads, names: plan.names },
  };
}

const ID = /^\{"signal":"[A-Z0-9_]+","id":"([0-9a-f-]{36})"/;
/** Bytes of a line that hold its name and id. */
const ID_PREFIX_BYTES = 256;

/** All ids of a block: removing one that was not supplied from the index of supplied ids does nothing. */
function idsOf(journal: Journal, first: number): string[] {
  const [reading] = journal.blocksFrom(first);
  const ids: string[] = [];
  if (reading?.kind !== "block") return ids;
  const { block } = reading;
  walkLines(block, (_seq, start, end) => {
    const id = ID.exec(block.lines.toString("latin1", start, Math.min(end, start + ID_PREFIX_BYTES)))?.[1];
    if (id !== undefined) ids.push(id);
    return true;
  });
  return ids;
}
