/**
 * The books (P7): for each signal, emitter and consumer, emitted = handled + dead-lettered + pending + expired.
 * Three of the figures are kept by the consumer in its own transactions; `emitted` and `pending` are counted in the
 * emitter's journal, so a row that balances is evidence, not bookkeeping.
 */
import { currentEpoch } from "../protocol/positions.ts";
import type { NameProgress } from "../protocol/name-stream.ts";
import type { EmitterProgress } from "../protocol/resume.ts";
import { inspectHome, type HomeInspection } from "./inspect-home.ts";
import type { JournalView } from "./journal-view.ts";

export interface AuditRow {
  readonly signal: string;
  readonly emitter: string;
  readonly consumer: string;
  /** Since this consumer began to listen. */
  readonly emitted: number;
  readonly handled: number;
  readonly dead_lettered: number;
  readonly pending: number;
  /** Gone before they could be handled: retention or damage. */
  readonly expired: number;
  readonly balanced: boolean;
  /** Why it does not balance, where that is known. */
  readonly note: string | null;
}

export interface Audit {
  readonly balanced: boolean;
  readonly rows: readonly AuditRow[];
  /** Daemons whose journal cannot be read, with the reason. */
  readonly unreadable: readonly { readonly daemon: string; readonly reason: string }[];
}

/** A consistent picture even while everything runs: consumers are read before the emitters they are compared with. */
export async function auditHome(home: string): Promise<Audit> {
  const inspection = inspectHome(home);
  try {
    return audit(inspection);
  } finally {
    await inspection.close();
  }
}

function audit({ journals, unreadable }: HomeInspection): Audit {
  const progress = [...journals].map(([consumer, journal]) => [consumer, journal.progress()] as const);
  for (const journal of journals.values()) journal.refresh();
  const rows = progress.flatMap(([consumer, byEmitter]) =>
    [...byEmitter].flatMap(([emitter, at]) => rowsOf(consumer, emitter, at, journals.get(emitter))),
  );
  rows.sort(
    (a, b) =>
      a.signal.localeCompare(b.signal) ||
      a.emitter.localeCompare(b.emitter) ||
      a.consumer.localeCompare(b.consumer),
  );
  const reasons = unreadable.map(({ daemon, error }) => ({ daemon, reason: error.message }));
  return { balanced: rows.every((row) => row.balanced) && reasons.length === 0, rows, unreadable: reasons };
}

function rowsOf(
  consumer: string,
  emitter: string,
  at: EmitterProgress,
  journal: JournalView | undefined,
): AuditRow[] {
  return Object.entries(at.names).map(([signal, progress]) => {
    const counted = journal === undefined ? null : count(journal, signal, progress);
    const { handled, dead, expired } = progress;
    const emitted = counted?.emitted ?? handled + dead + expired;
    const pending = counted?.pending ?? 0;
    const balanced = counted !== null && emitted === handled + dead + pending + expired;
    const note = balanced
      ? null
      : noteOn(journal, at, emitted - handled - dead - pending - expired, counted?.damaged ?? 0);
    return {
      signal,
      emitter,
      consumer,
      emitted,
      handled,
      dead_lettered: dead,
      pending,
      expired,
      balanced,
      note,
    };
  });
}

function count(journal: JournalView, signal: string, progress: NameProgress) {
  const head = journal.heads.names[signal] ?? { last: 0, count: 0, pruned: 0 };
  const { pending, damaged } = journal.countAbove(signal, progress.cursor, new Set(progress.done));
  return { emitted: head.count - progress.base, pending, damaged };
}

function noteOn(
  journal: JournalView | undefined,
  at: EmitterProgress,
  missing: number,
  damaged: number,
): string {
  if (journal === undefined) return "the emitter's journal is gone";
  if (currentEpoch(journal.heads) !== at.epochs[at.epochs.length - 1]?.epoch)
    return "the consumer has not yet met the emitter's new journal epoch";
  if (damaged > 0) return `${String(damaged)} lie in damaged blocks of the journal`;
  return missing > 0
    ? `${String(missing)} unaccounted for`
    : `${String(-missing)} more accounted for than emitted`;
}
