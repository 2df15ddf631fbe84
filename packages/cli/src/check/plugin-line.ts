/** A verdict as one line in the form of monitoring plugins: `KLOROS OK - words | label=value;warn;crit;min;max …`. Pure. */
import { shorten } from "../program/paint.ts";
import type { Level, Threshold, Thresholds, Verdict } from "./judge.ts";

/** What a plugin's exit code says. */
export const PLUGIN_EXIT: Readonly<Record<Level | "UNKNOWN", number>> = {
  OK: 0,
  WARNING: 1,
  CRITICAL: 2,
  UNKNOWN: 3,
};

/** Problems in the line; a pager shows no more. */
const MAX_PROBLEMS = 6;
const MAX_PROBLEM_CHARS = 160;

export function pluginLine(verdict: Verdict, thresholds: Thresholds): string {
  return `KLOROS ${verdict.level} - ${summary(verdict)} | ${perfdata(verdict, thresholds)}`;
}

export function unknownLine(reason: string): string {
  return `KLOROS UNKNOWN - ${plain(reason)}`;
}

/** The words of the line. */
export function summary({ problems, ready, total, deadLetters, maintenance }: Verdict): string {
  const counts =
    ready === total ? `${total} ${total === 1 ? "daemon" : "daemons"}` : `${ready} of ${total} daemons`;
  const told = problems.slice(0, MAX_PROBLEMS).map(({ subject, message }) => plain(`${subject}: ${message}`));
  const more = problems.length - told.length;
  return [
    `${counts} ready, ${deadLetters ?? "?"} dead ${deadLetters === 1 ? "letter" : "letters"}`,
    ...(maintenance ? ["maintenance mode is on"] : []),
    ...told,
    ...(more > 0 ? [`and ${more} more`] : []),
  ].join("; ");
}

function perfdata({ ready, total, lag, deadLetters, loopMs }: Verdict, thresholds: Thresholds): string {
  return [
    `ready=${ready};${total}:;;0;${total}`,
    figure("lag", String(lag), thresholds.lag),
    ...(deadLetters === null ? [] : [figure("dead_letters", String(deadLetters), thresholds.deadLetters)]),
    figure("event_loop_p99", `${loopMs}ms`, thresholds.loopMs),
  ].join(" ");
}

function figure(label: string, value: string, { warning, critical }: Threshold): string {
  return `${label}=${value};${warning ?? ""};${critical ?? ""};0`;
}

/** One line, without the character that begins the perfdata. */
function plain(text: string): string {
  return shorten(text.replaceAll("|", "/").replaceAll(/\s+/gu, " ").trim(), MAX_PROBLEM_CHARS);
}
