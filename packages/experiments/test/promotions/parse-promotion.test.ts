import { createHash, createHmac } from "node:crypto";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  isAcknowledged,
  isPromotionName,
  MAX_PROMOTION_BYTES,
  parsePromotion,
  type PromotionRefusal,
  promotionKey,
  signedText,
} from "../../src/index.ts";

const experiment = {
  experiment: "zlib",
  updated_at: "2025-11-13T22:00:00Z",
  source: "dream",
  winner: { fitness: 0.9, params: { level: 6, strategy: "huffman", raw: true }, metrics: { ratio: 3.1 } },
  apply_map: { level: "ZLIB_LEVEL" },
  ttl_seconds: 3600,
  promotion_id: "p-1",
};

describe("every shape of the field is read", () => {
  it.each([
    [
      "variant",
      { promoted_at: 1763071200, variant_id: "v7", score: 0.5 },
      {
        topic: null,
        params: null,
        fitness: 0.5,
        promoted_ms: Date.parse("2025-11-13T22:00:00.000Z"),
        promotion_id: null,
      },
    ],
    [
      "changes",
      {
        schema: "v1",
        id: "c-3",
        timestamp: "2025-11-13T23:00:00+01:00",
        fitness: 2,
        changes: { sigma: 0.25 },
      },
      {
        topic: null,
        params: { sigma: 0.25 },
        fitness: 2,
        promoted_ms: Date.parse("2025-11-13T22:00:00.000Z"),
        promotion_id: "c-3",
      },
    ],
    [
      "experiment",
      experiment,
      {
        topic: "zlib",
        params: { level: 6, strategy: "huffman", raw: true },
        fitness: 0.9,
        promoted_ms: Date.parse("2025-11-13T22:00:00.000Z"),
        expires_ms: Date.parse("2025-11-13T23:00:00.000Z"),
        promotion_id: "p-1",
      },
    ],
    [
      "domain",
      {
        domain: "asr",
        ts: 1763071200.5,
        winner_ts: 1,
        winner_fitness: 0,
        apply_map: { vad: 0.4 },
        metadata: { nested: [1] },
      },
      { topic: "asr", params: { vad: 0.4 }, fitness: 0, promoted_ms: Date.parse("2025-11-13T22:00:00.500Z") },
    ],
  ])("%s", (_, document, promotion) => {
    const reading = parsePromotion(JSON.stringify(document), { nowMs: Date.parse("2025-11-13T22:30:00Z") });
    expect(reading).toMatchObject({ kind: "ok", promotion: { expires_ms: null, ...promotion } });
  });

  it.each([
    [
      "apply_map where winner has no params",
      { ...experiment, winner: { fitness: 1 }, apply_map: { a: 1 } },
      { a: 1 },
    ],
    [
      "only members that can be parameters",
      { ...experiment, winner: { fitness: 1, params: { a: 1, b: [2] } } },
      { a: 1 },
    ],
    ["none", { ...experiment, winner: { fitness: 1, params: [] }, apply_map: null }, null],
  ])("its parameters are %s", (_, document, params) => {
    expect(parsePromotion(JSON.stringify(document))).toMatchObject({ kind: "ok", promotion: { params } });
  });

  it("a member named __proto__ is a parameter like any other", () => {
    const reading = parsePromotion('{"fitness": 1, "changes": {"__proto__": 5}}');
    expect(reading.kind === "ok" && Object.entries(reading.promotion.params ?? {})).toEqual([
      ["__proto__", 5],
    ]);
  });

  it.each([
    ["no offset is UTC", "2025-11-13T22:00:00.123456", "2025-11-13T22:00:00.123Z"],
    ["a blank for the T", "2025-11-13 22:00:00+00:00", "2025-11-13T22:00:00.000Z"],
    ["the future", "2999-01-01T00:00:00Z", "2999-01-01T00:00:00.000Z"],
    ["a leap second", "2016-12-31T23:59:60Z", "2016-12-31T23:59:59.000Z"],
    ["no time at all", null, null],
  ])("times: %s", (_, time, promoted) => {
    expect(parsePromotion(JSON.stringify({ score: 1, promoted_at: time }))).toMatchObject({
      kind: "ok",
      promotion: { promoted_ms: promoted === null ? null : Date.parse(promoted) },
    });
  });
});

const json = (changes: object) => JSON.stringify({ ...experiment, ...changes });

describe("what is no promotion is refused with its reason", () => {
  it.each<[string, string, PromotionRefusal, RegExp]>([
    ["nothing", "", "NotJson", /^is empty$/],
    ["half a file", json({}).slice(0, 60), "NotJson", /^is not JSON: /],
    ["a list", "[]", "UnknownShape", /not a JSON object/],
    ["null", "null", "UnknownShape", /not a JSON object/],
    ["another document", '{"type": "intent"}', "UnknownShape", /neither winner/],
    ["one that poses as a refusal", '{"kind":"refused","code":"Expired"}', "UnknownShape", /neither winner/],
    ["NaN as fitness", '{"score": NaN, "promoted_at": 1}', "BadFitness", /^score is not finite \(NaN\)/],
    [
      "-Infinity",
      '{"winner": {"fitness": -Infinity}}',
      "BadFitness",
      /^winner\.fitness is not finite \(-Infinity\)/,
    ],
    ["a fitness beyond doubles", '{"fitness": 1e999}', "BadFitness", /^fitness is not finite \(Infinity\)/],
    ["NaN elsewhere", '{"fitness": 1, "changes": {"a": NaN}}', "NotJson", /^is not JSON: changes\.a is NaN$/],
    ["NaN in what is no JSON either", '{"fitness": NaN, ', "NotJson", /^is not JSON/],
    ["a negative fitness", json({ winner: { fitness: -0.25 } }), "BadFitness", /negative \(-0\.25\)/],
    ["no fitness", json({ winner: { params: {} } }), "BadFitness", /^winner\.fitness is missing/],
    [
      "text as fitness",
      '{"domain": "a", "winner_fitness": "0.9"}',
      "BadFitness",
      /^winner_fitness is not a number/,
    ],
    ["a winner that is none", json({ winner: 3 }), "BadFitness", /^winner\.fitness is missing/],
    ["a number as topic", json({ experiment: 7 }), "BadField", /^experiment must be text/],
    ["an endless topic", json({ experiment: "x".repeat(257) }), "BadField", /at most 256/],
    ["a time that is none", json({ updated_at: "yesterday" }), "BadField", /^updated_at must be a time/],
    ["a day that is none", json({ updated_at: "2025-02-30T00:00:00Z" }), "BadField", /^updated_at must be/],
    ["milliseconds", json({ updated_at: 1763071200000 }), "BadField", /^updated_at must be/],
    ["a negative ttl", json({ ttl_seconds: -1 }), "BadField", /^ttl_seconds must be/],
    ["a ttl from no time", json({ updated_at: undefined }), "BadField", /^ttl_seconds needs a time/],
    ["a signature that is no text", json({ signature: 1 }), "BadField", /^signature must be text/],
    [
      "one too large",
      JSON.stringify({ score: 1, x: "x".repeat(MAX_PROMOTION_BYTES) }),
      "TooLarge",
      /larger than/,
    ],
    ["one too deep", `{"score":1,"x":${"[".repeat(40)}${"]".repeat(40)}}`, "TooDeep", /deeper than 32/],
  ])("%s", (_, text, code, reason) => {
    expect(parsePromotion(text)).toEqual({
      kind: "refused",
      code,
      reason: expect.stringMatching(reason) as string,
    });
  });

  it("one that has expired, from the very moment on; without a clock expiry is not looked at", () => {
    const expiry = Date.parse("2025-11-13T23:00:00Z");
    expect(parsePromotion(json({}), { nowMs: expiry })).toMatchObject({ kind: "refused", code: "Expired" });
    expect(parsePromotion(json({}), { nowMs: expiry - 1 })).toMatchObject({ kind: "ok" });
    expect(parsePromotion(json({}))).toMatchObject({ kind: "ok" });
    expect(parsePromotion(json({ ttl_seconds: 1e300 }), { nowMs: expiry })).toMatchObject({
      promotion: { expires_ms: null },
    });
  });

  it("any text at all is read or refused, never thrown at", () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.json()), (text) => {
        expect(["ok", "refused"]).toContain(parsePromotion(text, { signingKey: Buffer.from("k") }).kind);
      }),
    );
  });
});

describe("signatures", () => {
  const signingKey = Buffer.from("secret");
  const hmac = (text: string) => createHmac("sha256", signingKey).update(text).digest("hex");
  const code = (text: string, key: Uint8Array | null) => {
    const reading = parsePromotion(text, { signingKey: key });
    return reading.kind === "ok" ? "ok" : reading.code;
  };

  it("with a key, only what is signed with it counts", () => {
    const signature = hmac(signedText(json({})));
    expect(code(json({ signature }), signingKey)).toBe("ok");
    expect(code(json({ signature: `hmac-sha256:${signature.toUpperCase()}` }), signingKey)).toBe("ok");
    expect(code(`\uFEFF${json({ signature })}`, signingKey)).toBe("ok");
    expect(code(json({ signature, ttl_seconds: 3601 }), signingKey)).toBe("BadSignature");
    expect(code(json({ signature }), Buffer.from("other"))).toBe("BadSignature");
    for (const wrong of ["", null, undefined, "x", `${signature}0`]) {
      expect(code(json({ signature: wrong }), signingKey)).toBe("BadSignature");
    }
    const digest = createHash("sha256")
      .update(signedText(json({})))
      .digest("hex");
    expect(code(json({ signature: `sha256:${digest}` }), signingKey)).toBe("BadSignature");
  });

  it("without a key, a plain digest is checked and anything else is taken", () => {
    const digest = createHash("sha256")
      .update(signedText(json({})))
      .digest("hex");
    expect(code(json({ signature: `sha256:${digest}` }), null)).toBe("ok");
    expect(code(json({ signature: `sha256:${digest}`, source: "x" }), null)).toBe("BadSignature");
    expect(code(json({ signature: hmac("anything") }), null)).toBe("ok");
  });

  it("the signed text is the one that Python's sorting json.dumps gives, with or without escapes", () => {
    // json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=…) of the document below
    const body = (e: string) =>
      `{"experiment":"caf${e}","winner":{"fitness":1.0,"params":{"a":1e-05,"b":"n1, \\"s","z":100000000000000000001}}}`;
    const file = (signature: string) =>
      `{"winner": {"params": {"z": 100000000000000000001, "b": "n1, \\"s", "a": 1e-05}, "fitness": 1.0},
        "signature": "${signature}", "experiment": "caf\\u00e9"}`;
    expect(signedText(file(""))).toBe(body("é"));
    for (const text of [body("é"), body("\\u00e9")]) expect(code(file(hmac(text)), signingKey)).toBe("ok");
    expect(code(file(hmac(body("e"))), signingKey)).toBe("BadSignature");
  });
});

it("the key of a content is the sha256 of its bytes", () => {
  expect(promotionKey("abc")).toBe("sha256:ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  expect(promotionKey(Buffer.from("abc"))).toBe(promotionKey("abc"));
});

describe("acknowledgements", () => {
  const acknowledged = (inFolder: string[], inAckFolder: string[], promotion_id: string | null = "p-1") =>
    isAcknowledged(
      "a.b.json",
      { promotion_id },
      {
        inFolder: (name) => inFolder.includes(name),
        inAckFolder: (name) => inAckFolder.includes(name),
      },
    );

  it.each<[string, string[], string[], boolean]>([
    ["nothing", [], [], false],
    ["its name in the acknowledgements' folder", [], ["a.b_ack.json"], true],
    ["its name beside it, which is another promotion", ["a.b_ack.json"], [], false],
    ["its id in the acknowledgements' folder", [], ["p-1.ack.json"], true],
    ["its id beside it", ["p-1.ack.json"], [], true],
    ["another's", ["p-2.ack.json"], ["b_ack.json"], false],
  ])("%s", (_, inFolder, inAckFolder, expected) => {
    expect(acknowledged(inFolder, inAckFolder)).toBe(expected);
  });

  it("without an id only its name acknowledges it", () => {
    expect(acknowledged(["null.ack.json", ".ack.json"], [], null)).toBe(false);
  });

  it("a name is a promotion's when it is a JSON file, not hidden and not an acknowledgement", () => {
    const names = ["a.json", ".a.json", "a.json.tmp", "p.ack.json", "a_ack.json", "a.JSON", "json"];
    expect(names.filter(isPromotionName)).toEqual(["a.json", "a_ack.json"]);
  });
});
