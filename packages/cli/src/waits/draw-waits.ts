/** `kloros waits` as a table for people. Pure. */
import { formatDuration } from "../program/moments.ts";
import type { Paint } from "../program/paint.ts";
import { printable, shorten } from "../program/paint.ts";
import { type Cell, drawTable } from "../program/table.ts";
import type { WaitRow } from "./wait-row.ts";

const TITLES = ["waits for", "about", "since", ">age", ">due in", ">try", "story"];
/** Longest question shown, in characters. */
const MAX_ABOUT_CHARS = 48;
/** A wait with less than this share of its time left is worth a look. */
const SHORT_SHARE = 0.1;

export function drawWaits(rows: readonly WaitRow[], paint: Paint): string[] {
  if (rows.length === 0) return [paint.green("nothing is waited for")];
  return drawTable(
    TITLES,
    rows.map((row) => [
      row.expected.join(" or "),
      shorten(printable(row.question_id), MAX_ABOUT_CHARS),
      row.signal,
      formatDuration(row.age_s * 1_000),
      dueCell(row, paint),
      row.attempt === 1 ? "1" : { text: String(row.attempt), paint: paint.yellow },
      { text: row.correlation_id, paint: paint.dim },
    ]),
    paint,
  );
}

/** What has timed out is not waited for any more, but not done either. */
export function overdueHint(count: number): string {
  return `${String(count)} ${count === 1 ? "has" : "have"} timed out and not ended since; kloros waits --all shows what`;
}

function dueCell({ state, due_in_s, age_s }: WaitRow, paint: Paint): Cell {
  if (state === "answered_late") return { text: "came late", paint: paint.yellow };
  if (due_in_s === null) return { text: "timed out", paint: paint.red };
  const isShort = due_in_s < SHORT_SHARE * (age_s + due_in_s);
  return { text: formatDuration(due_in_s * 1_000), paint: isShort ? paint.yellow : (text) => text };
}
