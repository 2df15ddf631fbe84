/** The verdict over a mesh in the words of monitoring plugins: the worst of what was found decides. Pure. */
import type { MonitorRow, Observation, ObservedDaemon, ObservedHealth } from "./observation.ts";

/** By rising gravity. */
export const LEVELS = ["OK", "WARNING", "CRITICAL"] as const;
export type Level = (typeof LEVELS)[number];

/** A value above it is a problem of that level; null: never. */
export interface Threshold {
  readonly warning: number | null;
  readonly critical: number | null;
}

export interface Thresholds {
  /** Signals that one daemon has not finished. */
  readonly lag: Threshold;
  /** Dead letters of all daemons. */
  readonly deadLetters: Threshold;
  /** Event-loop delay of one daemon, p99 in milliseconds. */
  readonly loopMs: Threshold;
  /** Starts of one daemon after a crash, in 24 hours. */
  readonly crashes: Threshold;
}

export interface Problem {
  readonly level: Exclude<Level, "OK">;
  /** The daemon, or what else it is about. */
  readonly subject: string;
  readonly message: string;
}

export interface Verdict {
  readonly level: Level;
  /** The gravest first. */
  readonly problems: readonly Problem[];
  readonly ready: number;
  readonly total: number;
  /** The largest of one daemon. */
  readonly lag: number;
  readonly loopMs: number;
  readonly deadLetters: number | null;
  readonly maintenance: boolean;
}

/** A daemon that is still starting is not sick, for so long, in seconds. */
const STARTING_GRACE_S = 60;
/** Checks of the monitor older than so many of its intervals are no news. */
const STALE_INTERVALS = 4;
/** Judged here, from answers that are fresher than the monitor's. */
const OWN_CHECKS = ["heartbeat", "stuck"];

export function judge(seen: Observation, thresholds: Thresholds): Verdict {
  const { daemons, deadLetters } = seen;
  const found = [
    ...daemons.flatMap((daemon) => daemonProblems(daemon, thresholds)),
    ...deadLetterProblems(deadLetters, thresholds.deadLetters),
    ...monitorProblems(seen),
  ];
  const problems = LEVELS.toReversed().flatMap((level) => found.filter((problem) => problem.level === level));
  const healths = daemons.flatMap(({ health }) => health ?? []);
  return {
    level: problems[0]?.level ?? "OK",
    problems,
    ready: healths.filter(({ state }) => state === "ready").length,
    total: daemons.length,
    lag: Math.max(0, ...healths.map(({ lag }) => lag)),
    loopMs: Math.max(0, ...healths.map((health) => health.event_loop_delay_ms?.p99 ?? 0)),
    deadLetters,
    maintenance: seen.maintenance,
  };
}

function daemonProblems(daemon: ObservedDaemon, thresholds: Thresholds): Problem[] {
  const { name, health } = daemon;
  const standing = standingOf(daemon);
  const problems = standing === null ? [] : [{ ...standing, subject: name }];
  if (health === null) return problems;
  const paused = [...(health.stats?.paused ?? []), ...(health.paused ?? []).map(({ signal }) => signal)];
  if (paused.length > 0)
    problems.push({ level: "WARNING", subject: name, message: `handles no ${paused.join(", ")} (paused)` });
  if (health.policies?.is_valid === false)
    problems.push({
      level: "WARNING",
      subject: name,
      message: "policies.yaml is invalid, older rules are in force",
    });
  const loopMs = health.event_loop_delay_ms?.p99 ?? 0;
  const crashes = health.starts?.unclean_24h ?? 0;
  return [
    ...problems,
    ...above(name, health.lag, thresholds.lag, (limit) => `lag ${health.lag} (more than ${limit})`),
    ...above(name, loopMs, thresholds.loopMs, (limit) => `event loop ${loopMs} ms late (more than ${limit})`),
    ...above(name, crashes, thresholds.crashes, (limit) => `${crashes} crashes in 24 h (more than ${limit})`),
  ];
}

function standingOf({ health, supervised }: ObservedDaemon): Pick<Problem, "level" | "message"> | null {
  if (health !== null) return livingOf(health);
  if (supervised === null) return { level: "CRITICAL", message: "does not answer" };
  const { state, phase, reason } = supervised;
  const why = reason === "" ? "" : `: ${reason}`;
  // Somebody wanted it so.
  if (state === "stopped") return { level: "WARNING", message: `is stopped${why}` };
  if (phase === "backoff") return { level: "CRITICAL", message: `waits for its next start${why}` };
  if (state === "starting") return null;
  return {
    level: "CRITICAL",
    message: state === "failed" ? `has failed${why}` : "runs, but does not answer",
  };
}

function livingOf({ state, stuck, uptime_s }: ObservedHealth): Pick<Problem, "level" | "message"> | null {
  if (typeof stuck === "string") return { level: "CRITICAL", message: `is stuck: ${stuck}` };
  if (state === "stopping") return { level: "WARNING", message: "is stopping" };
  if (state === "starting" && uptime_s > STARTING_GRACE_S)
    return { level: "WARNING", message: `has been starting for ${Math.round(uptime_s)} s` };
  return null;
}

function deadLetterProblems(count: number | null, threshold: Threshold): Problem[] {
  if (count === null)
    return [{ level: "WARNING", subject: "dead letters", message: "failed_signals.jsonl cannot be read" }];
  return above("dead letters", count, threshold, (limit) => `${count} (more than ${limit})`);
}

function monitorProblems({ monitor, nowMs }: Observation): Problem[] {
  if (monitor === null) return [];
  const { looked_at, interval_ms, checks } = monitor;
  if (looked_at !== null && nowMs - Date.parse(looked_at) > STALE_INTERVALS * interval_ms)
    return [{ level: "WARNING", subject: "health checks", message: `last made at ${looked_at}` }];
  return checks.flatMap((row) => {
    const level = row.level === "critical" ? "CRITICAL" : row.level === "warning" ? "WARNING" : null;
    return level === null || OWN_CHECKS.includes(row.check)
      ? []
      : [{ level, subject: row.subject, message: rowWords(row) }];
  });
}

function rowWords({ check, text, detail }: MonitorRow): string {
  const value = text === undefined ? "" : ` ${text}`;
  return `${check.replaceAll("_", " ")}${value}${detail === null || detail === undefined ? "" : ` (${detail})`}`;
}

function above(
  subject: string,
  value: number,
  { warning, critical }: Threshold,
  message: (limit: number) => string,
): Problem[] {
  if (critical !== null && value > critical)
    return [{ level: "CRITICAL", subject, message: message(critical) }];
  if (warning !== null && value > warning) return [{ level: "WARNING", subject, message: message(warning) }];
  return [];
}
