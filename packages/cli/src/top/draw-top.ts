/** `chem-bus top` as lines for people. Pure. */
import { formatDuration } from "../program/moments.ts";
import type { Paint } from "../program/paint.ts";
import { drawTable } from "../program/table.ts";
import type { SortKey, TopRow } from "./rates.ts";

const MIB = 1_048_576;
const UNKNOWN = "–";

export function drawTop(rows: readonly TopRow[], paint: Paint): string[] {
  const colour = { ready: paint.green, starting: paint.yellow, stopped: paint.dim, failed: paint.red };
  return drawTable(
    ["daemon", "state", ">up", ">cpu %", ">memory", ">emit/s", ">handled/s", ">lag", ">p50", ">p99", ">dead"],
    rows.map((row) => [
      row.name,
      { text: row.state, paint: colour[row.state] },
      row.uptime_s === 0 ? UNKNOWN : formatDuration(row.uptime_s * 1_000),
      number(row.cpu_percent),
      row.rss_bytes === 0 ? UNKNOWN : `${String(Math.round(row.rss_bytes / MIB))} MiB`,
      number(row.emitted_per_s),
      number(row.handled_per_s),
      { text: String(row.lag), paint: row.lag > 0 ? paint.yellow : paint.reset },
      span(row.latency_p50_ms),
      span(row.latency_p99_ms),
      { text: String(row.dead_letters), paint: row.dead_letters > 0 ? paint.red : paint.reset },
    ]),
    paint,
  );
}

/** The line above the table. */
export function drawHead(home: string, rows: readonly TopRow[], sort: SortKey, paint: Paint): string {
  const ready = rows.filter(({ state }) => state === "ready").length;
  const sum = (of: (row: TopRow) => number | null): string =>
    rows.reduce((all, row) => all + (of(row) ?? 0), 0).toFixed(1);
  const words = `${String(ready)} of ${String(rows.length)} ready · ${sum((row) => row.emitted_per_s)} emitted/s · ${sum((row) => row.handled_per_s)} handled/s`;
  return `${paint.bold(home)} · ${words} · sorted by ${sort}`;
}

function number(value: number | null): string {
  return value === null ? UNKNOWN : value.toFixed(1);
}

function span(ms: number | null): string {
  return ms === null ? UNKNOWN : formatDuration(ms);
}
