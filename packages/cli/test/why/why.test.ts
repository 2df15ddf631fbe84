/** `kloros why` and `kloros policies` as a user types them. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCli, temporaryFolder } from "../run-cli.ts";

const folder = temporaryFolder();
const home = join(folder.path, "home");
const SIGNAL = "0199d2a4-7a00-7000-8000-000000000001";
const TRIGGER = "0199d2a4-7a00-7000-8000-0000deadbeef";

function decision(id: string, changes: object): string {
  const line = {
    schema: "kloros.decision/1",
    id,
    at: "2025-11-15T10:30:00.000Z",
    outcome: "no",
    rule: "dream_on_promotions",
    key: "gzip",
    reason: "it triggered before",
    signal: { signal: "Q_PROMOTIONS_DETECTED", id: SIGNAL, correlation_id: SIGNAL },
    emitted: [],
    gates: [],
    inputs: { facts: { unacknowledged_count: 1, promotions: ["promotion_42.json"] } },
    policies: "0",
    ...changes,
  };
  return JSON.stringify(line);
}

beforeAll(() => {
  mkdirSync(home, { recursive: true });
  const closed = [{ gate: "maintenance", open: false, reason: "maintenance mode is on" }];
  const emitted = [{ signal: "Q_DREAM_TRIGGER", id: TRIGGER, facts: { topic: "gzip" } }];
  writeFileSync(
    join(home, "policy_decisions.1.jsonl"),
    `${decision("d1", { outcome: "deferred", reason: "deferred: maintenance mode is on", gates: closed })}\n`,
  );
  const later = { signal: "Q_PROMOTIONS_DETECTED", id: "later", correlation_id: SIGNAL };
  const lines = [
    decision("d2", { outcome: "yes", reason: "one is new", emitted, deferred_by: "d1", signal: later }),
    decision("d3", { at: "2025-11-15T10:31:00.000Z" }),
    JSON.stringify({
      schema: "kloros.decision-repeated/1",
      id: "r1",
      decision: "d3",
      count: 99,
      total: 99,
      last_at: "2025-11-15T12:00:00.000Z",
      signal_ids: ["reminder"],
    }),
    '{"torn',
  ];
  writeFileSync(join(home, "policy_decisions.jsonl"), lines.join("\n"));
});
afterAll(folder.remove);

describe("kloros why", () => {
  test.each([
    ["the signal", SIGNAL, ["d1", "d2", "d3"]],
    ["the emitted signal", TRIGGER, ["d1", "d2"]],
    ["the cycle", "dream_20251115_103000_deadbeef", ["d1", "d2"]],
    ["a repeated attempt of the cycle", "dream_20251115_103000_deadbeef_r2", ["d1", "d2"]],
    ["the rule", "dream_on_promotions", ["d1", "d2", "d3"]],
    ["the topic", "gzip", ["d1", "d2", "d3"]],
    ["the promotion's file", "promotion_42.json", ["d1", "d2", "d3"]],
    ["a decision", "d3", ["d3"]],
    ["a reminder that was only counted", "reminder", ["d3"]],
  ])("finds the decisions by %s", async (_, id, ids) => {
    const { code, stdout } = await runCli("kloros", ["why", id, "--home", home, "--json"]);
    expect((JSON.parse(stdout) as { id: string }[]).map((one) => one.id)).toEqual(ids);
    expect(code).toBe(0);
  });

  test("tells reason, gates, emissions and repetitions in words", async () => {
    const { stdout } = await runCli("kloros", ["why", SIGNAL, "--home", home]);
    expect(stdout).toContain("NOT YET  dream_on_promotions (gzip)");
    expect(stdout).toContain("closed maintenance: maintenance mode is on");
    expect(stdout).toContain(`gave   Q_DREAM_TRIGGER  topic=gzip  ${TRIGGER}`);
    expect(stdout).toContain("again  99 times for the same reason");
  });

  test("exits 1 when nothing is known", async () => {
    const { code, stderr } = await runCli("kloros", ["why", "nobody", "--home", home]);
    expect([code, stderr]).toEqual([1, "kloros: no decision is known about nobody\n"]);
  });
});

describe("kloros policies", () => {
  test("check finds the shipped rules in order, and names the line of a mistake", async () => {
    const fresh = join(folder.path, "fresh");
    expect((await runCli("kloros", ["init", "--home", fresh])).code).toBe(0);
    const good = await runCli("kloros", ["policies", "check", "--home", fresh]);
    expect([good.code, good.stdout]).toEqual([
      0,
      expect.stringMatching(/policies\.yaml: \d+ rules, in order/u),
    ]);
    const bad = join(folder.path, "bad.yaml");
    writeFileSync(bad, "version: 1\npolicies:\n  - name: x\n    on: Q_DREAM_FALED\n");
    const checked = await runCli("kloros", ["policies", "check", bad, "--home", fresh]);
    expect(checked.code).toBe(1);
    expect(checked.stdout).toContain(`${bad}:4:`);
    expect(checked.stdout).toContain("did you mean Q_DREAM_FAILED?");
  });

  test("list needs a running engine (69)", async () => {
    const { code, stderr } = await runCli("kloros", ["policies", "list", "--home", home]);
    expect([code, stderr]).toEqual([69, expect.stringContaining("the policy engine does not run")]);
  });
});
