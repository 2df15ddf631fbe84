/** What rules and gates say, over state in memory. */
import { readFileSync } from "node:fs";
import { problemLine } from "@kloros/checked-yaml";
import { describe, expect, it } from "vitest";
import { parseWindow, quietForMs } from "../src/gates/quiet-hours.ts";
import { readPolicyText } from "../src/rules/policy-file.ts";
import { resumedMs } from "../src/surroundings/engine-clock.ts";
import { contracts, promotionsDetected } from "./engine-home.ts";
import { MemoryEngine, PLENTY, rulesOf } from "./memory-engine.ts";

const shipped = rulesOf(readFileSync(new URL("../policies.yaml", import.meta.url), "utf8"));

function withRules(policies: string, top = ""): MemoryEngine {
  return new MemoryEngine(rulesOf(`version: 1\n${top}policies:\n${policies}`));
}

const MODULE = {
  module_name: "m",
  module_path: "p",
  investigation_id: "i",
  py_files_count: 1,
  has_init: true,
};
const SCAN = "emit: { signal: Q_SCAN_REQUESTED, facts: { scope: all } }";

describe("policies.yaml", () => {
  it("tells every mistake at once, each with its line", () => {
    const text = `version: 2
polcies: []
quiet_hours: { windows: ["22-6"], timezone: Mars/Base }
policies:
  - name: one
    on: Q_PROMOTION_DETECTED
    when: facts.x +
    emit: { signal: Q_DREAM_TRIGER }
  - name: two
    on: Q_PROMOTIONS_DETECTED
    when: facts.unacknowledged_cuont > 0
    for_each: size(facts.groups)
    emit:
      signal: Q_DREAM_TRIGGER
      facts: { reason: 5, topik: a, topic: { cel: each.topic } }
    gates: { cooldwn: 5m, cooldown: 5 minutes, presence: absent, disk_free: [] }
  - name: two
    on: Q_HEALTH_ALERT
    when: count("Q_NOPE", "1 hour") > 2
    emit: { signal: Q_HEALTH_ALERT, facts: {} }
`;
    const reading = readPolicyText(text, "policies.yaml", contracts);
    const lines = reading.kind === "invalid" ? reading.problems.map(problemLine) : [];
    const expected = [
      /^policies\.yaml:1:\d+: version must be one of 1/,
      /^policies\.yaml:2:\d+: polcies is not known here/,
      /^policies\.yaml:3:\d+: quiet_hours\.windows\[0\] must be a window/,
      /^policies\.yaml:3:\d+: quiet_hours\.timezone must be a timezone/,
      /^policies\.yaml:6:\d+: policies\[0\]\.on names Q_PROMOTION_DETECTED, which has no contract; did you mean Q_PROMOTIONS_DETECTED/,
      /^policies\.yaml:7:\d+: policies\[0\]\.when is no valid CEL/,
      /^policies\.yaml:8:\d+: policies\[0\]\.emit\.signal names Q_DREAM_TRIGER, .*Q_DREAM_TRIGGER/,
      /^policies\.yaml:11:\d+: policies\[1\]\.when facts\.unacknowledged_cuont does not exist: did you mean unacknowledged_count/,
      /^policies\.yaml:12:\d+: policies\[1\]\.for_each must give a list, but gives int/,
      /^policies\.yaml:15:\d+: policies\[1\]\.emit\.facts .*reason/,
      /^policies\.yaml:15:\d+: policies\[1\]\.emit\.facts\.topik is no fact of Q_DREAM_TRIGGER; did you mean topic/,
      /^policies\.yaml:1\d:\d+: policies\[1\]\.emit must give the fact promotion_count/,
      /^policies\.yaml:16:\d+: policies\[1\]\.gates\.cooldwn is not known here/,
      /^policies\.yaml:16:\d+: policies\[1\]\.gates\.cooldown must be a time span/,
      /^policies\.yaml:\d+:\d+: policies\[1\] has the gate presence, which needs/,
      /^policies\.yaml:17:\d+: policies\[2\] has the name two, which the rule in line 9 has already/,
      /^policies\.yaml:19:\d+: policies\[2\]\.when count\(\): the policy engine neither consumes nor emits Q_NOPE/,
      /^policies\.yaml:19:\d+: policies\[2\]\.when count\(\) takes a time span/,
      /^policies\.yaml:20:\d+: policies\[2\]\.emit must not answer an alert with an alert/,
      /^policies\.yaml:17:\d+: policies\[2\] must be bounded/,
    ];
    for (const pattern of expected)
      expect(
        lines.filter((line) => pattern.test(line)),
        String(pattern),
      ).toHaveLength(1);
  });
});

describe("gates", () => {
  const rule = (gates: string): string => `  - name: r
    on: Q_MODULE_DISCOVERED
    key: facts.module_name
    ${SCAN}
    gates: ${gates}
`;
  const scans = (engine: MemoryEngine): number => engine.named("Q_SCAN_REQUESTED").length;
  const discover = (engine: MemoryEngine, name = "m"): void =>
    engine.handle(engine.signal("Q_MODULE_DISCOVERED", { ...MODULE, module_name: name }));

  it("a cooldown counts by key, and a wall clock set back or forward an hour changes nothing", () => {
    const engine = withRules(rule("{ cooldown: 5m }"));
    discover(engine, "a");
    discover(engine, "b");
    discover(engine, "a");
    expect(scans(engine)).toBe(2);
    engine.wallMs -= 3_600_000;
    engine.pass(299_000);
    engine.wallMs += 7_200_000;
    expect(engine.reconsider()).toBe(1_000);
    expect(scans(engine)).toBe(2);
    engine.pass(1_000);
    engine.reconsider();
    expect(scans(engine)).toBe(3);
  });

  it("a rate lets through so many in each window", () => {
    const engine = withRules(rule("{ rate: { max: 2, per: 1h } }"));
    for (const name of ["a", "b", "c", "d"]) discover(engine, name);
    expect(scans(engine)).toBe(2);
    engine.pass(3_600_000);
    engine.reconsider();
    expect(scans(engine)).toBe(4);
  });

  it("free disk is enough at 20 GB or at 10 %, whichever is less", () => {
    for (const [free, total, open] of [
      [19e9, 1e12, false],
      [21e9, 1e12, true],
      [9e9, 1e11, false],
      [11e9, 1e11, true],
    ] as const) {
      const engine = withRules(rule("{ disk_free: default }"));
      engine.resources = { ...PLENTY, disk_free_bytes: free, disk_total_bytes: total };
      discover(engine);
      expect(scans(engine)).toBe(open ? 1 : 0);
    }
  });

  it("a breaker closes after repeated failures, lets one through later, and a success resets it", () => {
    const breaker =
      "{ breaker: { on: [Q_INTEGRATION_FAILED], success: [Q_WINNER_DEPLOYED], failures: 2, within: 1h, reset: 30m } }";
    const engine = withRules(rule(breaker));
    const fail = (): void =>
      engine.handle(
        engine.signal("Q_INTEGRATION_FAILED", {
          investigation_id: "i",
          error_type: "X",
          error_message: "x",
          retry_possible: false,
        }),
      );
    fail();
    discover(engine, "a");
    expect(scans(engine)).toBe(1);
    engine.pass(1_000);
    fail();
    discover(engine, "b");
    discover(engine, "c");
    expect(scans(engine)).toBe(1);
    engine.pass(1_800_000);
    engine.reconsider();
    expect(scans(engine)).toBe(2); // Half open: one.
    engine.pass(1_000);
    engine.handle(
      engine.signal("Q_WINNER_DEPLOYED", {
        winner_id: "w",
        deployment_path: "p",
        backup_created: true,
        rollback_available: true,
      }),
    );
    engine.reconsider();
    expect(scans(engine)).toBe(3);
  });

  it("a breaker does not count ends that it is told to ignore", () => {
    const breaker =
      "{ breaker: { on: [Q_INTEGRATION_FAILED], ignoring: [Harmless], failures: 1, within: 1h, reset: 30m } }";
    const engine = withRules(rule(breaker));
    const fail = (error_type: string): void =>
      engine.handle(
        engine.signal("Q_INTEGRATION_FAILED", {
          investigation_id: "i",
          error_type,
          error_message: "x",
          retry_possible: false,
        }),
      );
    fail("Harmless");
    discover(engine, "a");
    expect(scans(engine)).toBe(1);
    engine.pass(1_000);
    fail("Serious");
    discover(engine, "b");
    expect(scans(engine)).toBe(1);
  });

  it("quiet hours follow the timezone through both changes of summer time", () => {
    const berlin = { windows: [parseWindow("01:30-04:00")!], timezone: "Europe/Berlin" };
    const quietMinutes = (at: string): number => quietForMs(berlin, new Date(at)) / 60_000;
    expect(quietMinutes("2025-03-30T00:30:00Z")).toBe(90); // 01:30 to 04:00 has an hour less.
    expect(quietMinutes("2025-10-25T23:30:00Z")).toBe(210); // And here one more.
    expect(quietMinutes("2025-06-01T12:00:00Z")).toBe(0);
    const overMidnight = { windows: [parseWindow("22:00-06:00")!], timezone: "UTC" };
    expect(quietForMs(overMidnight, new Date("2025-06-01T23:00:30Z")) / 60_000).toBe(419.5);
  });

  it("an operator's trigger counts as in flight until its cycle ends", () => {
    const engine = new MemoryEngine(shipped);
    const theirs = engine.signal("Q_DREAM_TRIGGER", { reason: "by hand", topic: "a", promotion_count: 0 });
    engine.handle({ ...theirs, source: "kloros_policy_engine" });
    engine.handle(engine.signal("Q_PROMOTIONS_DETECTED", promotionsDetected({ a: ["1"], b: ["2"] })));
    expect(engine.named("Q_DREAM_TRIGGER").map(({ facts }) => facts["topic"])).toEqual(["b"]);
    expect(engine.named("Q_DECISION_DEFERRED").map(({ facts }) => facts["gate"])).toEqual(["in_flight"]);
    const end = {
      cycle_id: "c",
      mutations_generated: 1,
      tournament_winner: "w",
      fitness_improvement: 1,
      duration_seconds: 1,
    };
    engine.handle(engine.signal("Q_DREAM_COMPLETE", { ...end, topic: "a" }, theirs));
    engine.reconsider();
    engine.pass(5_000); // Nobody answers: the stored facts decide.
    engine.reconsider();
    expect(engine.named("Q_DREAM_TRIGGER").map(({ facts }) => facts["topic"])).toEqual(["b", "a"]);
  });
});

describe("a broken rule", () => {
  const rules = `  - name: throws
    on: Q_MODULE_DISCOVERED
    when: facts.module_name[3] == "x"
    ${SCAN}
    gates: { rate: { max: 9, per: 1h } }
  - name: runs_long
    on: Q_MODULE_DISCOVERED
    when: facts.module_name.matches("^(a+)+$")
    ${SCAN}
    gates: { rate: { max: 9, per: 1h } }
  - name: breaks_the_contract
    on: Q_MODULE_DISCOVERED
    emit: { signal: Q_SCAN_REQUESTED, facts: { scope: { cel: facts.module_name } } }
    gates: { rate: { max: 9, per: 1h } }
  - name: works
    on: Q_MODULE_DISCOVERED
    ${SCAN}
    gates: { rate: { max: 9, per: 1h } }
`;

  it("is recorded with its line, is one dead letter and no storm, and the other rules are decided", () => {
    const engine = withRules(rules);
    const facts = { ...MODULE, module_name: `${"a".repeat(40)}b` };
    for (let n = 0; n < 3; n++) engine.handle(engine.signal("Q_MODULE_DISCOVERED", facts));
    expect(engine.named("Q_SCAN_REQUESTED")).toHaveLength(3);
    const errors = engine.decisions.filter(({ outcome }) => outcome === "error");
    expect(errors.map(({ rule, line }) => [rule, line])).toEqual([
      ["throws", 5],
      ["runs_long", 10],
      ["breaks_the_contract", 15],
    ]);
    expect(errors[1]?.reason).toContain("ran longer than 250 ms");
    expect(engine.deadLetters.size).toBe(3);
  });
});

describe("the engine's clock", () => {
  const saved = { ms: 1_000_000, wall_ms: 5_000_000, boot_id: "b", uptime_ms: 100_000 };
  it.each([
    [
      "the same boot: by uptime, whatever the wall clock says",
      { wall_ms: 1_400_000, boot_id: "b", uptime_ms: 130_000 },
      1_030_000,
    ],
    ["another boot: by the wall clock", { wall_ms: 5_060_000, boot_id: "c", uptime_ms: 10 }, 1_060_000],
    [
      "another boot and a clock set back: it stands still, and never goes back",
      { wall_ms: 1_400_000, boot_id: "c", uptime_ms: 10 },
      1_000_000,
    ],
  ])("goes on after a restart; %s", (_, now, expected) => {
    expect(resumedMs(saved, now)).toBe(expected);
  });
});
