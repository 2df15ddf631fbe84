import { describe, expect, it } from "vitest";
import { data, problems, routed } from "./judging.ts";

describe("an intent of the field", () => {
  it("becomes an investigation with every member it was written with", () => {
    const request = routed({
      intent_type: "curiosity_propose_fix",
      priority: 7,
      reason: "CuriosityCore question: swap",
      data: {
        ...data,
        hypothesis: "SWAP",
        capability_key: "memory",
        value_estimate: 0.7,
        dream_experiment: { domain: "x" },
      },
      generated_at: 1763200000.123456,
      emitted_by: "curiosity_processor",
    });
    expect(request).toMatchObject({ signal: "Q_CURIOSITY_INVESTIGATE", priority: "high" });
    expect(request.facts).toEqual({
      ...data,
      priority: "high",
      hypothesis: "SWAP",
      reason: "CuriosityCore question: swap",
      generated_at: 1763200000.123456,
      emitted_by: "curiosity_processor",
      context: { capability_key: "memory", value_estimate: 0.7, dream_experiment: { domain: "x" } },
    });
  });

  it.each([
    "discover.module",
    "discover.module.audio",
    "reinvestigate",
    "reinvestigate.audio",
    "curiosity_explore",
  ])("is an investigation when its type is %s, under either name of that member", (type) => {
    expect(routed({ type, data }).signal).toBe("Q_CURIOSITY_INVESTIGATE");
    expect(routed({ intent_type: type, data }).facts).toEqual({ ...data, priority: "normal" });
  });

  it.each([
    [0, "low"],
    [3, "low"],
    [4, "normal"],
    [6, "normal"],
    [7, "high"],
    [8, "high"],
    [9, "critical"],
    [10, "critical"],
    ["low", "low"],
    ["normal", "normal"],
    ["high", "high"],
    ["critical", "critical"],
  ])("of priority %s is %s, wherever the priority stands", (written, read) => {
    expect(routed({ type: "reinvestigate", priority: written, data }).priority).toBe(read);
    expect(routed({ type: "reinvestigate", data: { ...data, priority: written } }).facts["priority"]).toBe(
      read,
    );
  });

  it.each([42, -1, 11, 5.5, "urgent", "High", "7", true, [], {}])(
    "is rejected when its priority is %j",
    (priority) => {
      const [line] = problems({ type: "reinvestigate", data: { ...data, priority } });
      expect(line).toMatch(
        /^intents\/a\.json: data\.priority must be 0–10 or one of low, normal, high, critical \(got /,
      );
    },
  );

  it("names the wrong priority as the style guide does", () => {
    expect(problems({ type: "reinvestigate", data: { ...data, priority: 42 } })).toEqual([
      "intents/a.json: data.priority must be 0–10 or one of low, normal, high, critical (got 42)",
    ]);
  });

  it("is rejected with all its problems at once", () => {
    expect(
      problems({
        type: "reinvestigate",
        id: 7,
        reason: 1,
        data: { question: " ", evidence: ["a", 5], hypothesis: [] },
      }),
    ).toEqual([
      "intents/a.json: id must be a string of 1–256 characters, or be left out (got a number)",
      "intents/a.json: data.question must not be empty: what the investigation shall answer",
      "intents/a.json: data.question_id is required: the name by which the question is known, e.g. discover.module.audio",
      "intents/a.json: data.evidence[1] must be a string (got a number)",
      "intents/a.json: data.hypothesis must be a string (got an array)",
      "intents/a.json: reason must be a string (got a number)",
    ]);
  });

  it("of an unknown type is told the known ones, and nothing in it is run", () => {
    expect(problems({ type: "run_scanner", scanner: "os", data })).toEqual([
      'intents/a.json: type "run_scanner" is not known; known types begin with discover.module, reinvestigate, curiosity_',
    ]);
    expect(problems({ data })[0]).toContain("type is required");
  });

  it("is rejected when it says two things about one", () => {
    expect(problems({ type: "reinvestigate", intent_type: "curiosity_x", data })[0]).toContain(
      "intent_type says",
    );
    expect(problems({ type: "reinvestigate", priority: 9, data: { ...data, priority: "low" } })[0]).toContain(
      "data.priority differs",
    );
    expect(problems({ type: "reinvestigate", domain: 1, data: { ...data, domain: 2 } })[0]).toContain(
      "domain stands in two places",
    );
    expect(problems({ signal: "Q_SCAN_REQUESTED", type: "reinvestigate", facts: {} })[0]).toContain(
      "signal stands beside type",
    );
  });

  it("takes null for left out, as Python writes None", () => {
    const nulls = { id: null, priority: null, reason: null, sha256: null };
    expect(routed({ type: "reinvestigate", ...nulls, data: { ...data, hypothesis: null } }).facts).toEqual({
      ...data,
      priority: "normal",
    });
  });

  it("keeps the digits of integers that a double would round", () => {
    const text = JSON.stringify({ type: "reinvestigate", data: { ...data, ns: 0 } }).replace(
      '"ns":0',
      '"ns":1763200000123456789',
    );
    expect(routed(text).facts["context"]).toEqual({ ns: "1763200000123456789" });
  });

  it("is rejected when the contract does not take its facts", () => {
    expect(problems({ type: "reinvestigate", data: { ...data, question_id: "x".repeat(2000) } })[0]).toMatch(
      /^intents\/a\.json: data\.question_id /,
    );
    expect(
      problems({ type: "reinvestigate", data: { ...data, evidence: new Array(1001).fill("e") } })[0],
    ).toContain("data.evidence");
  });
});

describe("a signal request", () => {
  const printed = {
    signal: "Q_CURIOSITY_INVESTIGATE",
    timestamp: "2025-11-15T10:30:00Z",
    source: "intent_router",
    facts: { ...data, priority: "critical" },
  };

  it("may be the printed form of a signal", () => {
    expect(routed(printed)).toMatchObject({
      signal: "Q_CURIOSITY_INVESTIGATE",
      facts: printed.facts,
      priority: "critical",
    });
    expect(routed({ signal: "Q_SCAN_REQUESTED", facts: { scope: "all" } })).toMatchObject({
      priority: "normal",
    });
    expect(routed({ signal: "Q_SCAN_REQUESTED", priority: 9, facts: { scope: "all" } }).priority).toBe(
      "critical",
    );
  });

  it("joins a story when it names one", () => {
    const correlation_id = "0199d2a4-7a00-7000-8000-000000000001";
    expect(routed({ ...printed, correlation_id }).correlation_id).toBe(correlation_id);
    expect(problems({ ...printed, correlation_id: "story" })[0]).toContain("correlation_id must be a UUID");
  });

  it("is rejected for signals that are unknown, closed to the outside, or another daemon's", () => {
    expect(problems({ signal: "Q_NO_SUCH", facts: {} })[0]).toContain(
      'signal "Q_NO_SUCH" is not a known signal; open to intents are Q_CURIOSITY_INVESTIGATE, Q_SCAN_REQUESTED',
    );
    expect(problems({ signal: "Q_MODULE_INTEGRATED", facts: {} })[0]).toContain(
      "is not open to requests from outside",
    );
    expect(
      problems({ signal: "Q_DREAM_TRIGGER", facts: { reason: "x", topic: null, promotion_count: 1 } })[0],
    ).toContain("is not open");
  });

  it("is rejected for facts that break the contract, unknown members and inexact integers", () => {
    expect(problems({ signal: "Q_SCAN_REQUESTED", facts: { scope: "moon", extra: 1 } }).join("\n")).toMatch(
      /facts\.extra[^]*facts\.scope/,
    );
    expect(problems({ signal: "Q_SCAN_REQUESTED", facts: { scope: "all" }, data })[0]).toContain(
      "data is no member of a signal request",
    );
    expect(problems({ signal: "Q_SCAN_REQUESTED" })[0]).toContain("facts is required");
    expect(
      problems('{"signal":"Q_CURIOSITY_INVESTIGATE","facts":{"context":{"n":9007199254740993}}}').join(),
    ).toContain("facts.context.n is an integer that a double cannot carry exactly");
  });
});
