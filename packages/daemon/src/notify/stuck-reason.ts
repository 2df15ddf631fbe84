/** Whether a daemon gets on, from what is known of it. Pure. */

/** A write to the journal that takes longer is stuck, in milliseconds: a slow disk takes seconds for one; a full one says so at once. */
export const JOURNAL_WRITE_LIMIT_MS = 20_000;
/** Probes of the bus that fail one after the other until that counts: a single one may be the machine's bad moment. */
export const PROBE_FAILURES_LIMIT = 2;

export interface Evidence {
  /** Signals with a handler that went on past its own deadline and the bus's abort grace, and still runs. */
  readonly hung: readonly string[];
  /** Age of the journal's write in flight, in milliseconds. */
  readonly journalWriteMs: number;
  /** Probes that failed since the last success, and why the last one did. */
  readonly probe: { readonly failures: number; readonly error: string };
}

/** Why no beat may be sent now, or null. A handler within its deadline, however long, is no reason; nor is a full disk. */
export function stuckReason({ hung, journalWriteMs, probe }: Evidence): string | null {
  if (hung.length > 0)
    return `a handler of ${hung.join(", ")} ignores its abort signal and runs on past its deadline`;
  if (journalWriteMs > JOURNAL_WRITE_LIMIT_MS)
    return `a write to the journal has taken ${Math.round(journalWriteMs / 1000)} s and is not done`;
  if (probe.failures >= PROBE_FAILURES_LIMIT) return `the bus does not answer: ${probe.error}`;
  return null;
}
