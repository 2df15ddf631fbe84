import { createHash } from "node:crypto";
import { loadContracts } from "@kloros/bus";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, MAX_ID_CHARS, type Decision, type Routed } from "../src/decide.ts";
import { problemLine } from "../src/problem.ts";
import { hasPython, pythonReprints } from "./json/python.ts";

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
const rules = { daemon: "intent_router", contracts: loadContracts(), sha256 };

function judge(content: unknown): Decision {
  const bytes =
    content instanceof Uint8Array
      ? content
      : Buffer.from(typeof content === "string" ? content : JSON.stringify(content));
  return decide(bytes, rules);
}

function routed(content: unknown): Routed {
  const decision = judge(content);
  if (decision.kind !== "route") throw new Error(JSON.stringify(decision));
  return decision;
}

/** Every problem as the line that a report shows. */
function problems(content: unknown): string[] {
  const decision = judge(content);
  return decision.kind === "route"
    ? ["routed"]
    : decision.problems.map((problem) => problemLine("intents/a.json", problem));
}

const data = {
  question: "What does audio do?",
  question_id: "discover.module.audio",
  evidence: ["path:src/audio"],
};

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

describe("the content id", () => {
  it("is the intent's own id, else a hash that layout and key order do not change", () => {
    expect(routed({ id: "mine", type: "reinvestigate", data }).content_id).toBe("mine");
    const one = routed(
      JSON.stringify({ type: "reinvestigate", data: { ...data, x: 100000, y: 2 } }, null, 4),
    );
    const other = routed(`{"data":${JSON.stringify({ y: 2, ...data, x: 100000 })},"type":"reinvestigate"}`);
    expect(one.content_id).toMatch(/^[0-9a-f]{64}$/);
    expect(one.content_id).toBe(other.content_id);
    expect(routed({ type: "reinvestigate", data: { ...data, x: 100001, y: 2 } }).content_id).not.toBe(
      one.content_id,
    );
  });

  it("has a length limit", () => {
    expect(routed({ id: "x".repeat(MAX_ID_CHARS), type: "reinvestigate", data }).content_id).toHaveLength(
      MAX_ID_CHARS,
    );
    expect(problems({ id: "x".repeat(MAX_ID_CHARS + 1), type: "reinvestigate", data })[0]).toContain(
      "got 257 characters",
    );
  });
});

describe.skipIf(!hasPython)("the checksum", () => {
  const text =
    '{"data": {"question": "Was tut é\\ud83d\\ude00?", "question_id": "q", "x": 1e5, "y": 1.0, "z": 12345678901234567890}, "type": "reinvestigate"}';
  const signed = (sum: string): string => text.replace(', "type"', `, "sha256": "${sum}", "type"`);

  it("is the one that Python's json.dumps(…, indent=2) leads to, and does not change the content id", () => {
    const [reprint = ""] = pythonReprints([text]);
    expect(routed(signed(sha256(reprint))).content_id).toBe(routed(text).content_id);
    expect(routed(signed(sha256(reprint).toUpperCase())).kind).toBe("route");
  });

  it("is named when it does not match, and when it is none", () => {
    expect(problems(signed("0".repeat(64)))[0]).toMatch(
      /^intents\/a\.json: sha256 does not match the content: it should be [0-9a-f]{64} /,
    );
    expect(problems(signed("abc"))[0]).toContain('sha256 must be 64 hex digits (got "abc")');
  });
});

describe("what is no intent", () => {
  it.each([
    ["an empty file", "", "is empty"],
    ["white space", " \n", "ends too early"],
    ["half an object", '{"type": "discover', "ends too early"],
    ["other text", "hello", "is not JSON at line 1, column 1"],
    ["binary", Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0, 1]), "is binary"],
    ["another encoding", Buffer.from([0x7b, 0x22, 0xe9, 0x22, 0x7d]), "is binary or in another encoding"],
  ])("%s is incomplete, for it may still be being written", (_what, content, message) => {
    expect(judge(content).kind).toBe("incomplete");
    expect(problems(content)[0]).toContain(message);
  });

  it.each([
    ["a byte-order mark", Buffer.from('\uFEFF{"type":"reinvestigate"}'), "byte-order mark"],
    ["UTF-16", Buffer.from('\uFEFF{"type":"x"}', "utf16le"), "is UTF-16"],
    ["UTF-16 without mark", Buffer.from('{"type":"x"}', "utf16le"), "is UTF-16"],
    ["an array", "[]", "must be one JSON object (got an array)"],
    ["a string", '"x"', "must be one JSON object (got a string)"],
    ["NaN", '{"type":"reinvestigate","data":{"x":NaN}}', "data.x is NaN"],
    ["a duplicate key", '{"type":"a","type":"b"}', "type stands twice"],
    [
      "a prototype key",
      '{"type":"a","data":{"__proto__":{}}}',
      "data.__proto__ is a key that could reach a prototype",
    ],
    ["deep nesting", `{"a":${"[".repeat(100_000)}`, "nested deeper than 64 levels"],
  ])("%s is rejected at once", (_what, content, message) => {
    expect(judge(content).kind).toBe("rejected");
    expect(problems(content)[0]).toContain(message);
  });

  it("never makes the judgement throw, whatever the bytes", () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 200 }),
      fc.json().map((text) => Buffer.from(text)),
    );
    fc.assert(
      fc.property(anything, (bytes) => void decide(bytes, rules)),
      { numRuns: 2000 },
    );
    const members = fc.dictionary(
      fc.constantFrom(
        "type",
        "intent_type",
        "signal",
        "facts",
        "data",
        "priority",
        "id",
        "sha256",
        "reason",
        "context",
      ),
      fc.oneof(
        fc.jsonValue(),
        fc.constantFrom("reinvestigate", "Q_SCAN_REQUESTED", data, { ...data, context: 1 }),
      ),
    );
    fc.assert(
      fc.property(members, (intent) => {
        const decision = judge(intent);
        if (decision.kind === "route")
          expect(rules.contracts.problemsOut(decision.signal, decision.facts)).toEqual([]);
      }),
      { numRuns: 2000 },
    );
  });
});
