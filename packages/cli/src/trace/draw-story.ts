/** A story as a tree for people: time, what it waited for, who said what. Pure. */
import { abbreviate } from "../program/abbreviate.ts";
import { clockTime, formatDuration } from "../program/moments.ts";
import type { Paint } from "../program/paint.ts";
import { hueOf, printable, shorten } from "../program/paint.ts";
import type { StoryRow } from "./story.ts";

const MIN_FACTS_WIDTH = 24;
const TIME_WIDTH = 12;
const LATENCY_WIDTH = 8;
const MAX_ERROR_CHARS = 160;

/** Lines of the tree, `width` wide. Rows as `tellStory` gives them. */
export function drawStory(rows: readonly StoryRow[], paint: Paint, width: number): string[] {
  const prefixes = treePrefixes(rows.map(({ depth }) => depth));
  const heads = rows.map((row, index) => (prefixes[index] ?? "") + row.signal);
  const headWidth = Math.max(0, ...heads.map((head) => head.length));
  const sourceWidth = Math.max(0, ...rows.map(({ source }) => source.length));
  const taken = TIME_WIDTH + LATENCY_WIDTH + headWidth + sourceWidth + 5 * 2;
  const factsWidth = ({ id }: StoryRow): number => Math.max(MIN_FACTS_WIDTH, width - taken - id.length);
  return rows.flatMap((row, index) => {
    const prefix = prefixes[index] ?? "";
    const latency = row.depth === 0 ? "" : `+${formatDuration(row.latency_ms)}`;
    const gap = " ".repeat(headWidth - (heads[index]?.length ?? 0));
    const line = [
      paint.dim(clockTime(new Date(row.timestamp))),
      latency.padStart(LATENCY_WIDTH),
      paint.dim(prefix) + paint.bold(row.signal) + gap,
      hueOf(paint, row.source)(row.source.padEnd(sourceWidth)),
      abbreviate(row.facts, factsWidth(row)),
      paint.dim(row.id),
    ].join("  ");
    return [line, ...notes(row, paint)];
  });
}

/** One line above the tree: how large the story is and how long it took. */
export function summarizeStory(rows: readonly StoryRow[], paint: Paint): string {
  const times = rows.map(({ timestamp }) => Date.parse(timestamp));
  const spanMs = Math.max(...times) - Math.min(...times);
  const daemons = new Set(rows.map(({ source }) => source)).size;
  const [first] = rows;
  const day = first ? first.timestamp.slice(0, 10) : "";
  const size = `${count(rows.length, "signal")} from ${count(daemons, "daemon")} in ${formatDuration(spanMs)}`;
  return `${paint.bold(`story ${first?.correlation_id ?? ""}`)}  ${paint.dim(`${day} · ${size}`)}`;
}

function notes(row: StoryRow, paint: Paint): string[] {
  const indent = " ".repeat(TIME_WIDTH + LATENCY_WIDTH + 4 + 3 * row.depth);
  const dead = row.dead_letters.map(({ id, daemon, error, attempts }) => {
    const text = shorten(printable(error), MAX_ERROR_CHARS);
    return `${indent}${paint.red("✗")} ${daemon} failed after ${count(attempts, "attempt")}: ${text} ${paint.dim(`(dead letter ${id})`)}`;
  });
  if (row.pending.length === 0) return dead;
  return [...dead, `${indent}${paint.yellow("…")} not finished yet by ${row.pending.join(", ")}`];
}

/** `├─ `, `└─ ` and `│  ` in front of each row, from the depths in causal order. */
function treePrefixes(depths: readonly number[]): string[] {
  return depths.map((depth, index) => {
    let prefix = "";
    for (let level = 1; level <= depth; level++) {
      const more = hasLaterSibling(depths, index, level);
      if (level === depth) prefix += more ? "├─ " : "└─ ";
      else prefix += more ? "│  " : "   ";
    }
    return prefix;
  });
}

function hasLaterSibling(depths: readonly number[], index: number, level: number): boolean {
  for (let later = index + 1; later < depths.length; later++) {
    const depth = depths[later] ?? 0;
    if (depth < level) return false;
    if (depth === level) return true;
  }
  return false;
}

function count(number: number, noun: string): string {
  return `${String(number)} ${noun}${number === 1 ? "" : "s"}`;
}
