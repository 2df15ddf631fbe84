import { loadContracts } from "@kloros/bus";
import { ConfigError } from "@kloros/daemon";
import { describe, expect, it } from "vitest";
import { readDeadlines } from "../../src/watchdog/deadlines.ts";
import { expectationsOf, matterOf } from "../../src/watchdog/expectations.ts";
import { questionIdOf, timeoutFacts, tryOf } from "../../src/watchdog/timeout-facts.ts";
import type { Wait } from "../../src/watchdog/watch.ts";

const contracts = loadContracts();
const expectations = expectationsOf(contracts, "orchestrator_monitor");
const expected = (signal: string) => expectations.bySignal.get(signal)!;
const signal = (name: `Q_${string}`, facts: object, correlation_id = "story") => ({
  id: "id",
  signal: name,
  correlation_id,
  facts: facts as Record<string, unknown>,
});

describe("what is watched", () => {
  it("is every shipped expectation, and nothing for a daemon that tells no timeout", () => {
    const waits = contracts.names.filter((name) => contracts.get(name)?.expects);
    expect([...expectations.bySignal.keys()].sort()).toEqual(waits);
    expect(expectationsOf(contracts, "intent_router").names).toEqual([]);
    for (const name of expectations.names)
      expect(contracts.consumedBy("orchestrator_monitor")).toContain(name);
  });

  it("matches by story and by the contract's fact, where a missing one is null", () => {
    const trigger = (facts: object, story?: string) =>
      matterOf(expected("Q_DREAM_TRIGGER"), signal("Q_DREAM_TRIGGER", facts, story));
    const ended = (facts: object, story?: string) =>
      expectations.mattersEndedBy(signal("Q_DREAM_FAILED", facts, story));
    expect(ended({ topic: "a" })).toEqual([trigger({ topic: "a" })]);
    expect(ended({ topic: "a" })).not.toEqual([trigger({ topic: "b" })]);
    expect(ended({ topic: "a" }, "other")).not.toEqual([trigger({ topic: "a" })]);
    expect(ended({})).toEqual([trigger({ topic: null })]);
  });

  it("takes a retry by another signal for the same work when the same timeout is told of it", () => {
    const winner = matterOf(expected("Q_DREAM_COMPLETE"), signal("Q_DREAM_COMPLETE", { cycle_id: "c" }));
    const again = matterOf(
      expected("Q_DEPLOYMENT_REQUESTED"),
      signal("Q_DEPLOYMENT_REQUESTED", { cycle_id: "c" }),
    );
    expect(again).toBe(winner);
    expect(expectations.mattersEndedBy(signal("Q_WINNER_DEPLOYED", { cycle_id: "c" }))).toEqual([winner]);
  });
});

describe("what a timeout says", () => {
  const wait: Wait = {
    id: "trigger-id",
    signal: "Q_DREAM_TRIGGER",
    any_of: ["Q_DREAM_COMPLETE", "Q_DREAM_FAILED"],
    since: 1_000,
    due: 1_801_000,
    question_id: "spica",
    attempt: 2,
    retry_of: "first-id",
  };

  it.each([
    ["its question", "Q_CURIOSITY_INVESTIGATE", { question_id: "q.1", topic: "t" }, "q.1"],
    [
      "else the matching fact",
      "Q_TOURNAMENT_REQUESTED",
      { tournament_id: "c.g000", cycle_id: "c" },
      "c.g000",
    ],
    ["else the topic", "Q_DREAM_TRIGGER", { topic: "spica" }, "spica"],
    ["else its id", "Q_DREAM_TRIGGER", { topic: null }, "id"],
    ["a number as text", "Q_CURIOSITY_INVESTIGATE", { question_id: 7 }, "7"],
  ] as const)("names the work by %s", (_what, name, facts, question) => {
    expect(questionIdOf(expected(name), signal(name, facts))).toBe(question);
  });

  it("counts the tries as the trigger says, or as the first", () => {
    expect(tryOf(signal("Q_DREAM_TRIGGER", {}))).toEqual({ attempt: 1, retry_of: "id" });
    expect(tryOf(signal("Q_DREAM_TRIGGER", { attempt: 3, retry_of: "root" }))).toEqual({
      attempt: 3,
      retry_of: "root",
    });
    expect(tryOf(signal("Q_DREAM_TRIGGER", { attempt: -1, retry_of: 3 })).attempt).toBe(1);
  });

  it("is valid under every shipped timeout, with and without the trigger's facts", () => {
    for (const { on_timeout } of expectations.bySignal.values()) {
      const contract = contracts.get(on_timeout);
      for (const facts of [{ topic: "spica" }, undefined])
        expect(contracts.problemsOut(on_timeout, timeoutFacts(wait, "restart", facts, contract))).toEqual([]);
    }
  });

  it("keeps to what a user's contract knows", () => {
    const three = { question_id: {}, timeout_seconds: {}, suggested_action: {} };
    const contract = {
      ...contracts.get("Q_DREAM_TIMEOUT")!,
      schema: { properties: three, additionalProperties: false },
    };
    expect(timeoutFacts(wait, "restart", { a: 1 }, contract)).toEqual({
      question_id: "spica",
      timeout_seconds: 1_800,
      suggested_action: "restart",
    });
    const open = { ...contract, schema: { properties: three } };
    expect(timeoutFacts(wait, "restart", { a: 1 }, open)).toMatchObject({
      attempt: 2,
      trigger_facts: { a: 1 },
    });
  });
});

describe("the setting deadlines", () => {
  it("takes the place of the contracts' deadlines", () => {
    const deadlines = readDeadlines(["Q_DREAM_TRIGGER=5s", " Q_CURIOSITY_INVESTIGATE = 250ms "], contracts);
    const own = expectationsOf(contracts, "orchestrator_monitor", deadlines);
    expect(own.bySignal.get("Q_DREAM_TRIGGER")?.within_ms).toBe(5_000);
    expect(own.bySignal.get("Q_CURIOSITY_INVESTIGATE")?.within_ms).toBe(250);
    expect(own.bySignal.get("Q_TOURNAMENT_REQUESTED")?.within_ms).toBe(1_500_000);
  });

  it("names every mistake at once, with what to write instead", () => {
    const wrong = [
      "Q_DREAM_TRIGER=5s",
      "Q_MODULE_DISCOVERED=5s",
      "Q_DREAM_TRIGGER=5",
      "Q_TOURNAMENT_REQUESTED=0s",
      "Q_CURIOSITY_INVESTIGATE=1s",
      "Q_CURIOSITY_INVESTIGATE=2s",
      "=3s",
    ];
    let error: unknown;
    try {
      readDeadlines(wrong, contracts);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(ConfigError);
    const { problems, message } = error as ConfigError;
    expect(problems).toHaveLength(6);
    expect(message).toContain("did you mean Q_DREAM_TRIGGER?");
    expect(message).toContain("Q_MODULE_DISCOVERED, whose contract expects nothing to follow it");
    expect(message).toContain("for example Q_DREAM_TRIGGER=30m");
    expect(message).toContain("names Q_CURIOSITY_INVESTIGATE twice");
  });
});
