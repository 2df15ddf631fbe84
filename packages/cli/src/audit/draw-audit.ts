/** The books as a table for people, with the gap named when there is one. Pure. */
import type { MarkedAudit, MarkedRow } from "./mark-watchers.ts";
import type { Paint } from "../program/paint.ts";
import { printable } from "../program/paint.ts";
import { type Cell, drawTable } from "../program/table.ts";

const TITLES = ["signal", "emitter", "consumer", ">emitted", ">handled", ">dead", ">pending", ">expired", ""];

/** Rows of signals that nobody has emitted are left out unless `showsAll`, and counted in a line of their own. */
export function drawAudit(audit: MarkedAudit, paint: Paint, showsAll = false): string[] {
  const { balanced, unreadable } = audit;
  const rows = audit.rows.filter((row) => showsAll || row.emitted > 0 || !row.balanced || row.note !== null);
  const left = audit.rows.length - rows.length;
  const table =
    rows.length === 0
      ? ["no consumer has handled anything here yet"]
      : drawTable(
          TITLES,
          rows.map((row) => cells(row, paint)),
          paint,
        );
  if (left > 0) table.push(paint.dim(`and ${left} without a signal yet (--all shows them)`));
  const damaged = unreadable.map(({ daemon, reason }) =>
    paint.red(`${daemon}: its journal cannot be read: ${printable(reason)}`),
  );
  return [
    ...table,
    ...damaged,
    balanced ? paint.green("the books balance") : paint.red("the books do not balance"),
  ];
}

function cells(row: MarkedRow, paint: Paint): Cell[] {
  return [
    row.signal,
    row.emitter,
    row.watches ? `${row.consumer} (watches)` : row.consumer,
    String(row.emitted),
    String(row.handled),
    notZero(row.dead_lettered, paint.red),
    notZero(row.pending, paint.yellow),
    notZero(row.expired, paint.red),
    { text: row.note ?? "", paint: paint.red },
  ];
}

function notZero(count: number, paint: (text: string) => string): Cell {
  return count === 0 ? "0" : { text: String(count), paint };
}
