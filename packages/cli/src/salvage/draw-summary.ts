/** The summary of a salvage for people, and what they do next. Pure. */
import { join } from "node:path";
import { quoted } from "./quoted.ts";
import type { SalvageSummary, SeqRange } from "./summary.ts";

/** Ranges that are shown; --json has more. */
const MAX_SHOWN_RANGES = 10;
const LOOK = "jq -c '[.seq, .timestamp, .signal, .facts]'";

/** What was found, by signal, and what is missing. */
export function drawSummary(summary: SalvageSummary): string[] {
  const { signals, journal, file, first_seq: first, last_seq: last } = summary;
  const width = Math.max(...Object.keys(summary.by_signal).map((name) => name.length));
  return [
    `${many(signals, "signal")} salvaged from ${journal}, seq ${String(first)} to ${String(last)}` +
      (file === null ? "" : `, written to ${file}`),
    ...Object.entries(summary.by_signal).map(([name, count]) => `  ${name.padEnd(width)}  ${String(count)}`),
    drawMissing(summary),
    ...(first === 1
      ? []
      : [`before seq ${String(first)}: nothing; retention removed it, or it is destroyed`]),
    `after seq ${String(last)}: nobody can tell whether there was more`,
  ];
}

function drawMissing({ missing, missing_ranges: ranges, missing_signals: signals }: SalvageSummary): string {
  if (ranges === 0) return "missing between them: nothing";
  const shown = missing.slice(0, MAX_SHOWN_RANGES).map(drawRange).join(", ");
  const more = ranges > MAX_SHOWN_RANGES ? ` and ${String(ranges - MAX_SHOWN_RANGES)} more (--json)` : "";
  return `missing between them: ${many(signals, "signal")} in ${many(ranges, "range")}: seq ${shown}${more}`;
}

function drawRange({ first, last }: SeqRange): string {
  return first === last ? String(first) : `${String(first)}-${String(last)}`;
}

function many(count: number, noun: string): string {
  return `${String(count)} ${noun}${count === 1 ? "" : "s"}`;
}

/** From a journal that cannot be opened to a daemon that works again. */
export function drawNextSteps({ daemon, journal, file, signals }: SalvageSummary, home: string): string[] {
  const homeOption = `--home ${quoted(home)}`;
  const keep = `chem-bus salvage ${daemon} --out ${daemon}.ndjson ${homeOption}`;
  return [
    `What to do next, if ${daemon} cannot open this journal any more (E_JOURNAL_OPEN):`,
    ...(file === null && signals > 0 ? [`  keep what was salvaged, unless you have:  ${keep}`] : []),
    `  1. stop the daemon:    kloros stop ${daemon} ${homeOption}`,
    `  2. move the journal:   mv ${quoted(journal)} ${quoted(join(home, `damaged-${daemon}`))}`,
    `  3. start the daemon:   kloros start ${daemon} ${homeOption}`,
    `     A new journal begins. The old one also held how far ${daemon} had come and its state: it handles`,
    "     again what other journals still hold for it. What was salvaged is not delivered again by itself.",
    ...(signals > 0 ? [`  Look at what was salvaged:  ${LOOK} ${quoted(file ?? `${daemon}.ndjson`)}`] : []),
  ];
}
