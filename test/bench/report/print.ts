/** The two forms of the result: a table for people, JSON for programs. */
import type { Machine } from "../machine/machine.ts";
import { isMet, type Row } from "./row.ts";

const SIGNIFICANT_DIGITS = 3;

export function asJson(machine: Machine, rows: readonly Row[]): string {
  const told = rows.map((row) => ({
    ...row,
    ...(row.target && { ratio: row.value / row.target.value, met: isMet(row.value, row.target) }),
  }));
  return `${JSON.stringify({ machine, rows: told }, null, 2)}\n`;
}

export function asTable(machine: Machine, rows: readonly Row[]): string {
  const head = ["", "value", "unit", "target", "of target", "met"];
  const body = rows.map(cells);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...body].map((line) => (line[column] as string).length)),
  );
  const draw = (line: readonly string[], detail = ""): string =>
    [...line.map((cell, column) => pad(cell, widths[column] as number, column)), detail].join("  ").trimEnd();
  const lines = rows.map((row, index) => draw(body[index] as string[], row.detail));
  return `${describe(machine)}\n\n${[draw(head), ...lines].join("\n")}\n`;
}

function cells(row: Row): string[] {
  const { target } = row;
  const judged = target
    ? [
        `${target.relation} ${figure(target.value)}`,
        `${figure((row.value / target.value) * 100)} %`,
        isMet(row.value, target) ? "yes" : "NO",
      ]
    : ["", "", ""];
  return [row.name, figure(row.value), row.unit, ...judged];
}

/** Names to the left, figures to the right. */
function pad(cell: string, width: number, column: number): string {
  const isText = column === 0 || column === 2;
  return isText ? cell.padEnd(width) : cell.padStart(width);
}

/** Three significant digits at least, thousands separated. */
function figure(value: number): string {
  if (!Number.isFinite(value)) return "–";
  const isLarge = Math.abs(value) >= 100;
  return value.toLocaleString(
    "en-US",
    isLarge ? { maximumFractionDigits: 0 } : { maximumSignificantDigits: SIGNIFICANT_DIGITS },
  );
}

function describe(machine: Machine): string {
  return [
    `${machine.cpu}, ${machine.cores} cores, ${machine.memory_gib} GiB; Node ${machine.node}, Linux ${machine.kernel}`,
    `${machine.filesystem}; write+fdatasync p50 ${figure(machine.fdatasync_p50_ms)} ms, p99 ${figure(machine.fdatasync_p99_ms)} ms; load average ${machine.load_average} at the start`,
  ].join("\n");
}
