/** `kloros status` as a table for people. Pure. */
import { formatDuration } from "../program/moments.ts";
import type { Paint } from "../program/paint.ts";
import { printable, shorten } from "../program/paint.ts";
import { drawTable } from "../program/table.ts";
import type { FailingCheck } from "./collect-status.ts";
import type { DaemonStatus } from "./merge-status.ts";

const MAX_DETAIL_CHARS = 80;
const MAX_CHECK_CHARS = 160;

export function drawStatus(daemons: readonly DaemonStatus[], paint: Paint): string[] {
  const colour = { ready: paint.green, starting: paint.yellow, stopped: paint.dim, failed: paint.red };
  return drawTable(
    ["daemon", "state", ">pid", ">restarts", ">uptime", ">memory", ">lag", ""],
    daemons.map((daemon) => [
      daemon.name,
      { text: daemon.state, paint: colour[daemon.state] },
      daemon.pid === null ? "–" : String(daemon.pid),
      String(daemon.restarts),
      daemon.uptime_s === 0 ? "–" : formatDuration(daemon.uptime_s * 1_000),
      daemon.rss_bytes === 0 ? "–" : `${String(Math.round(daemon.rss_bytes / 1_048_576))} MiB`,
      String(daemon.lag),
      { text: shorten(printable(daemon.detail), MAX_DETAIL_CHARS), paint: paint.dim },
    ]),
    paint,
  );
}

/** A line for each check that is not ok. */
export function drawChecks(checks: readonly FailingCheck[], paint: Paint): string[] {
  const colour = { warning: paint.yellow, critical: paint.red };
  return checks.map(({ check, subject, level, text, detail, recommended_action }) => {
    const more = [detail, recommended_action === null ? null : `do: ${recommended_action}`]
      .filter((part) => part !== null)
      .join("; ");
    const said = `${check.replaceAll("_", " ")} of ${subject}: ${text}${more === "" ? "" : ` (${more})`}`;
    return `${colour[level](level.padEnd(8))}  ${shorten(printable(said), MAX_CHECK_CHARS)}`;
  });
}

/** What is wrong with policies.yaml as it lies there; nothing when it is in force. */
export function drawPolicyProblems(problems: readonly string[], paint: Paint): string[] {
  if (problems.length === 0) return [];
  return [
    `${paint.yellow("invalid ")}  policies.yaml; the rules before it stay in force (kloros policies check)`,
    ...problems.map((problem) => paint.dim(`          ${shorten(printable(problem), MAX_CHECK_CHARS)}`)),
  ];
}
