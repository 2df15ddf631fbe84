import { expect, test } from "vitest";
import { healthOf, statusLine, supervisedLine, type Vitals } from "../../src/lifecycle/health.ts";

const vitals: Vitals = {
  daemon: "greeter",
  home: "/h",
  state: "ready",
  node: null,
  parts: {},
  stuck: null,
  starts: null,
  limits: { changed: {}, tuned: { kind: "none" } },
  eventLoopDelay: () => ({ p50: 0, p99: 2, max: 30 }),
};

test("the status says what matters most: stuck, then the state, then the daemon's own words", () => {
  const parts = { statusLine: () => "own words" };
  expect(statusLine({ ...vitals, parts })).toBe("own words");
  expect(statusLine({ ...vitals, parts, state: "stopping" })).toBe("stopping");
  expect(statusLine({ ...vitals, parts, stuck: "a handler hangs" })).toBe("stuck: a handler hangs");
  expect(statusLine(vitals)).toBe("ready");
});

test("a status line that throws is shown as such and ends nothing", () => {
  const parts = {
    statusLine: () => {
      throw new Error("oops");
    },
  };
  expect(statusLine({ ...vitals, parts })).toBe("ready; its status line failed: Error: oops");
});

test("a daemon's own health fields cannot hide the common ones", () => {
  const health = healthOf({ ...vitals, parts: { health: () => ({ state: "great", mood: "fine" }) } });
  expect(health).toMatchObject({ state: "ready", mood: "fine", lag: 0, pid: process.pid });
  expect(health).toMatchObject({ event_loop_delay_ms: { p50: 0, p99: 2, max: 30 } });
});

test("health says which limits of the bus differ from the defaults, and why", () => {
  const limits: Vitals["limits"] = {
    changed: { max_frame_signals: { value: 64, default: 512, from: "/h/tuned.json" } },
    tuned: { kind: "tuned", path: "/h/tuned.json", values: { max_frame_signals: 64 } },
  };
  expect(healthOf({ ...vitals, limits })).toMatchObject({
    limits: limits.changed,
    tuned_limits: limits.tuned,
  });
});

test("whoever supervises is told the counts of the bus beside the daemon's own words", () => {
  const stats = { emitted: 3, handled: 5, deadLettered: 1, lag: 2, paused: ["Q_A_B"] };
  const node = { stats: () => stats } as unknown as Vitals["node"];
  const parts = { statusLine: () => "own\nwords" };
  const counts = "3 emitted, 5 handled, 1 dead-lettered, lag 2, paused: Q_A_B";
  expect(supervisedLine({ ...vitals, node, parts })).toBe(`own words (${counts})`);
  expect(supervisedLine({ ...vitals, node })).toBe(`ready; ${counts}`);
  expect(supervisedLine({ ...vitals, node, parts, stuck: "hangs" })).toBe("stuck: hangs");
  expect(supervisedLine({ ...vitals, node: null, state: "starting" })).toBe("starting");
});
