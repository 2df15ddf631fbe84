/** The verdict and its line: what is sick, what is only starting, what somebody wanted so. */
import { describe, expect, test } from "vitest";
import { judge, type Thresholds } from "../../src/check/judge.ts";
import type { Observation, ObservedDaemon, ObservedHealth } from "../../src/check/observation.ts";
import { pluginLine, unknownLine } from "../../src/check/plugin-line.ts";

const thresholds: Thresholds = {
  lag: { warning: 100, critical: 1_000 },
  deadLetters: { warning: 10, critical: 100 },
  loopMs: { warning: 250, critical: 2_000 },
  crashes: { warning: 5, critical: null },
};
const ready: ObservedHealth = { state: "ready", uptime_s: 10, lag: 0, stuck: null, stats: { paused: [] } };
const NOW = Date.parse("2026-01-01T00:10:00Z");

function daemon(
  health: Partial<ObservedHealth> | null,
  supervised: ObservedDaemon["supervised"] = null,
): ObservedDaemon {
  return { name: "router", health: health === null ? null : { ...ready, ...health }, supervised };
}

function seen(one: ObservedDaemon, more: Partial<Observation> = {}): Observation {
  return { daemons: [one], deadLetters: 0, monitor: null, maintenance: false, nowMs: NOW, ...more };
}

const verdictOf = (one: ObservedDaemon, more?: Partial<Observation>) => {
  const { level, problems } = judge(seen(one, more), thresholds);
  return [level, ...problems.map(({ message }) => message)];
};

describe("a daemon", () => {
  test("that is ready and makes progress is well", () => {
    expect(verdictOf(daemon({}))).toEqual(["OK"]);
  });

  test("that does not answer, is stuck or was given up is critical", () => {
    expect(verdictOf(daemon(null))).toEqual(["CRITICAL", "does not answer"]);
    expect(verdictOf(daemon({ stuck: "a handler hangs" }))).toEqual([
      "CRITICAL",
      "is stuck: a handler hangs",
    ]);
    const given = (state: string, phase = state, reason = "exit 78") =>
      daemon(null, { state, phase, reason });
    expect(verdictOf(given("failed"))).toEqual(["CRITICAL", "has failed: exit 78"]);
    expect(verdictOf(given("ready", "ready", ""))).toEqual(["CRITICAL", "runs, but does not answer"]);
    expect(verdictOf(given("starting", "backoff"))).toEqual([
      "CRITICAL",
      "waits for its next start: exit 78",
    ]);
  });

  test("that somebody stopped is a warning, one that is just starting is none", () => {
    expect(verdictOf(daemon(null, { state: "stopped", phase: "stopped", reason: "" }))).toEqual([
      "WARNING",
      "is stopped",
    ]);
    expect(verdictOf(daemon({ state: "stopping" }))).toEqual(["WARNING", "is stopping"]);
    expect(verdictOf(daemon(null, { state: "starting", phase: "starting", reason: "" }))).toEqual(["OK"]);
    expect(verdictOf(daemon({ state: "starting", uptime_s: 5 }))).toEqual(["OK"]);
    expect(verdictOf(daemon({ state: "starting", uptime_s: 90 }))).toEqual([
      "WARNING",
      "has been starting for 90 s",
    ]);
  });

  test("crosses a threshold when its value is above it, not when it equals it", () => {
    expect(verdictOf(daemon({ lag: 100 }))).toEqual(["OK"]);
    expect(verdictOf(daemon({ lag: 101 }))).toEqual(["WARNING", "lag 101 (more than 100)"]);
    expect(verdictOf(daemon({ lag: 1_000 }))[0]).toBe("WARNING");
    expect(verdictOf(daemon({ lag: 1_001 }))).toEqual(["CRITICAL", "lag 1001 (more than 1000)"]);
    expect(verdictOf(daemon({ event_loop_delay_ms: { p99: 300 } }))[0]).toBe("WARNING");
    expect(verdictOf(daemon({ starts: { unclean_24h: 1_000 } }))[0]).toBe("WARNING");
  });

  test("that handles a signal no more is a warning, whoever paused it", () => {
    const paused = { stats: { paused: ["Q_A_B"] }, paused: [{ signal: "Q_C_D" }] };
    expect(verdictOf(daemon(paused))).toEqual(["WARNING", "handles no Q_A_B, Q_C_D (paused)"]);
    expect(verdictOf(daemon({ policies: { is_valid: false } }))[0]).toBe("WARNING");
  });
});

describe("the mesh", () => {
  test("is as sick as its dead letters", () => {
    expect(verdictOf(daemon({}), { deadLetters: 11 })).toEqual(["WARNING", "11 (more than 10)"]);
    expect(verdictOf(daemon({}), { deadLetters: 101 })).toEqual(["CRITICAL", "101 (more than 100)"]);
    expect(verdictOf(daemon({}), { deadLetters: null })[0]).toBe("WARNING");
  });

  test("is as sick as the monitor finds it, but what was asked here is not told twice", () => {
    const row = (check: string, level: string) => ({
      check,
      level,
      subject: "disk",
      text: "91 %",
      detail: null,
    });
    const checks = [row("disk_space", "critical"), row("memory", "ok"), row("heartbeat", "critical")];
    const monitor = { looked_at: "2026-01-01T00:09:50Z", interval_ms: 10_000, checks };
    expect(verdictOf(daemon({}), { monitor })).toEqual(["CRITICAL", "disk space 91 %"]);
    const stale = { ...monitor, looked_at: "2026-01-01T00:00:00Z" };
    expect(verdictOf(daemon({}), { monitor: stale })).toEqual([
      "WARNING",
      "last made at 2026-01-01T00:00:00Z",
    ]);
  });

  test("is told in one line, the gravest first, with perfdata that plugins' readers understand", () => {
    const daemons = [daemon({ lag: 200 }), { ...daemon(null), name: "a|b\nc" }];
    const verdict = judge({ ...seen(daemons[0]!), daemons, deadLetters: 1, maintenance: true }, thresholds);
    expect(pluginLine(verdict, thresholds)).toBe(
      "KLOROS CRITICAL - 1 of 2 daemons ready, 1 dead letter; maintenance mode is on; a/b c: does not answer; router: lag 200 (more than 100)" +
        " | ready=1;2:;;0;2 lag=200;100;1000;0 dead_letters=1;10;100;0 event_loop_p99=0ms;250;2000;0",
    );
    expect(pluginLine(judge(seen(daemon({})), thresholds), thresholds)).toMatch(
      /^KLOROS OK - 1 daemon ready, 0 dead letters \| ready=1;1:;;0;1 /u,
    );
    expect(unknownLine("what | is\nthat")).toBe("KLOROS UNKNOWN - what / is that");
  });

  test("with a hundred problems is still told in one short line", () => {
    const daemons = Array.from({ length: 100 }, (_, n) => ({ ...daemon(null), name: `d${String(n)}` }));
    const line = pluginLine(judge({ ...seen(daemon({})), daemons }, thresholds), thresholds);
    expect(line).toContain("; and 94 more | ");
    expect(line.length).toBeLessThan(1_500);
  });
});
