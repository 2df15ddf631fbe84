/** The books as a table for people, with the gap named when there is one. Pure. */
import type { MarkedAudit, MarkedRow } from "./mark-watchers.ts";
import type { Paint } from "../program/paint.ts";
import { printable } from "../program/paint.ts";
import { type Cell, drawTable } from "../program/table.ts";

const TITLES = ["signal", "emitter", "consumer", ">emitted", ">handled", ">dead", ">pending", ">expired", ""];

export function drawAudit({ balanced, rows, unreadable }: MarkedAudit, paint: Paint): string[] {
  const table =
    rows.length === 0
      ? ["no consumer has handled anything here yet"]
      : drawTable(
          TITLES,
          rows.map((row) => cells(row, paint)),
          paint,
        );
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
