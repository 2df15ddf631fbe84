/**
 * Which blocks retention may take: the oldest ones whose every signal is past its retention and acknowledged by every
 * consumer that ever said hello. Beyond the hard cap the oldest go even if somebody still owes an ack, and that is said aloud.
 * Pure: (headers, consumers, now) → plan. Only a prefix of the journal is ever removed, so what remains has no holes.
 */
import type { NameHead } from "../protocol/positions.ts";
import type { BlockHeader } from "./block.ts";

export interface StoredHeader {
  readonly first: number;
  /** Null: unreadable; such a block is removed only by the hard cap. */
  readonly header: BlockHeader | null;
  readonly bytes: number;
}

export interface PruneRules {
  readonly nowMs: number;
  readonly retentionMs: (signal: string) => number;
  /** Oldest seq of a name that some consumer has not acknowledged; Infinity when all have. */
  readonly owedFrom: (signal: string) => number;
  /** Bytes that must go whatever is owed. */
  readonly excessBytes: number;
  /** Blocks in one plan, so that one prune is one short commit. */
  readonly maxBlocks: number;
}

export interface PrunePlan {
  readonly blocks: readonly { readonly first: number; readonly suppliedIds: boolean }[];
  readonly names: Readonly<Record<string, NameHead>>;
  /** Signals removed although a consumer still owed an ack for them, by name. */
  readonly owed: Readonly<Record<string, number>>;
}

export function planPrune(
  headers: Iterable<StoredHeader>,
  heads: Readonly<Record<string, NameHead>>,
  rules: PruneRules,
): PrunePlan {
  const names: Record<string, NameHead> = { ...heads };
  const blocks: { first: number; suppliedIds: boolean }[] = [];
  const owed: Record<string, number> = {};
  let excess = rules.excessBytes;
  for (const { first, header, bytes } of headers) {
    if (blocks.length >= rules.maxBlocks) break;
    const forced = excess > 0;
    if (!forced && (header === null || !isDone(header, rules))) break;
    excess -= bytes;
    blocks.push({ first, suppliedIds: header?.suppliedIds ?? false });
    for (const [name, span] of Object.entries(header?.names ?? {})) {
      const head = names[name] ?? { last: span.last, count: span.count, pruned: 0 };
      names[name] = { ...head, pruned: head.pruned + span.count };
      if (span.last >= rules.owedFrom(name)) owed[name] = (owed[name] ?? 0) + span.count;
    }
  }
  return { blocks, names, owed };
}

function isDone(header: BlockHeader, rules: PruneRules): boolean {
  return Object.entries(header.names).every(
    ([name, span]) => rules.nowMs - header.at > rules.retentionMs(name) && span.last < rules.owedFrom(name),
  );
}
