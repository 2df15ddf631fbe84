/** Says of each row of the books whether its consumer is listed in the contract or only watches for a timeout. Pure. */
import type { Audit, AuditRow, Contracts } from "@kloros/bus";

/** `watches`: the contract does not list this consumer; it hears the signal because it tells the timeout of an expectation. */
export type MarkedRow = AuditRow & { readonly watches: boolean };
export type MarkedAudit = Omit<Audit, "rows"> & { readonly rows: readonly MarkedRow[] };

export function markWatchers(audit: Audit, contracts: Pick<Contracts, "watchersOf">): MarkedAudit {
  const rows = audit.rows.map((row) => ({
    ...row,
    watches: contracts.watchersOf(row.signal).includes(row.consumer),
  }));
  return { ...audit, rows };
}
