import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decide, MAX_ID_CHARS } from "../src/decide.ts";
import { hasPython, pythonReprints } from "./json/python.ts";
import { data, judge, problems, routed, rules, sha256 } from "./judging.ts";

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
