/** `kloros status` as a table for people. Pure. */
import { formatDuration } from "../program/moments.ts";
import type { Paint } from "../program/paint.ts";
import { printable, shorten } from "../program/paint.ts";
import { drawTable } from "../program/table.ts";
import type { DaemonStatus } from "./merge-status.ts";

const MAX_DETAIL_CHARS = 80;

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
