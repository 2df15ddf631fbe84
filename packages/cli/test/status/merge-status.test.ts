import { describe, expect, test } from "vitest";
import { paintFor } from "../../src/program/paint.ts";
import { drawPolicyProblems, drawStatus } from "../../src/status/draw-status.ts";
import { type Health, mergeStatus } from "../../src/status/merge-status.ts";
import type { SupervisedStatus } from "../../src/supervisor/status.ts";

const supervised: SupervisedStatus = {
  name: "a",
  state: "ready",
  pid: 7,
  restarts: 2,
  uptime_s: 61,
  phase: "ready",
  reason: "",
  status: "",
};
const health: Health = {
  state: "ready",
  pid: 7,
  uptime_s: 62,
  rss_bytes: 70 * 1_048_576,
  lag: 3,
  status: "at work",
};

describe("a daemon's status", () => {
  test("joins what the supervisor knows with what the daemon says", () => {
    expect(mergeStatus("a", supervised, health)).toEqual({
      name: "a",
      state: "ready",
      pid: 7,
      restarts: 2,
      uptime_s: 62,
      rss_bytes: 70 * 1_048_576,
      lag: 3,
      detail: "at work",
    });
  });

  test("without kloros up is what the daemon says", () => {
    expect(mergeStatus("a", undefined, health)).toMatchObject({ state: "ready", restarts: 0 });
    expect(mergeStatus("a", undefined, { ...health, state: "stopping" })).toMatchObject({
      state: "stopped",
      detail: "stopping",
    });
  });

  test("of one that nobody runs is stopped", () => {
    expect(mergeStatus("a", undefined, undefined)).toMatchObject({ state: "stopped", pid: null });
  });

  test("under systemd is what its unit is, with the restarts that systemd counted", () => {
    const unit = { name: "kloros-a.service", active: "active", restarts: 3 };
    expect(mergeStatus("a", undefined, health, unit)).toMatchObject({ state: "ready", restarts: 3 });
    expect(mergeStatus("a", undefined, undefined, { ...unit, active: "failed" })).toMatchObject({
      state: "failed",
      detail: "has failed; journalctl -u kloros-a.service -n 20",
    });
    for (const [active, state] of [
      ["activating", "starting"],
      ["active", "failed"],
      ["inactive", "stopped"],
    ] as const)
      expect(mergeStatus("a", undefined, undefined, { ...unit, active })).toMatchObject({ state });
  });

  test("of one that runs and does not answer is failed", () => {
    expect(mergeStatus("a", supervised, undefined)).toMatchObject({
      state: "failed",
      detail: "runs, but does not answer",
    });
  });

  test("of one that was given up tells why", () => {
    const given = {
      ...supervised,
      state: "failed" as const,
      phase: "failed" as const,
      pid: null,
      reason: "exit 1; given up",
    };
    expect(mergeStatus("a", given, undefined)).toMatchObject({
      state: "failed",
      pid: null,
      detail: "exit 1; given up",
    });
  });
});

test("the table aligns numbers to the right", () => {
  const lines = drawStatus(
    [mergeStatus("a", supervised, health), mergeStatus("longer_name", undefined, undefined)],
    paintFor({}),
  );
  expect(lines).toEqual([
    "daemon       state    pid  restarts  uptime  memory  lag",
    "a            ready      7         2   1m02s  70 MiB    3  at work",
    "longer_name  stopped    –         0       –       –    0",
  ]);
});

test("an invalid policies.yaml is told below the table, a valid one is not", () => {
  const plain = paintFor({ isTTY: false });
  expect(drawPolicyProblems([], plain)).toEqual([]);
  expect(drawPolicyProblems(["policies.yaml:3:1: rules[0].on is missing"], plain)).toEqual([
    "invalid   policies.yaml; the rules before it stay in force (kloros policies check)",
    "          policies.yaml:3:1: rules[0].on is missing",
  ]);
});
