import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { MAX_JSON_DEPTH } from "../../src/signal/envelope-fields.ts";
import { traceparentOf } from "../../src/signal/id-generator.ts";
import { parseEnvelope } from "../../src/signal/parse-envelope.ts";
import { serializeEnvelope } from "../../src/signal/serialize-envelope.ts";
import { envelopeExample } from "./envelope-example.ts";

const line = serializeEnvelope(envelopeExample());

function problemOf(input: string | Uint8Array, limits?: { maxBytes: number; maxDepth: number }) {
  const parsed = parseEnvelope(input, limits);
  return parsed.kind === "bad" ? parsed.problem : null;
}

describe("an envelope", () => {
  it("survives being written and read, whatever its facts hold", () => {
    const uuid = fc.uuid({ version: 7 });
    const facts = fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 5 }));
    const positions = fc.tuple(fc.nat(), fc.nat()).map(([a, b]) => ({ seq: a + b + 1, prev: b }));
    fc.assert(
      fc.property(
        uuid,
        uuid,
        fc.option(uuid),
        facts,
        positions,
        (id, story, cause, content, { seq, prev }) => {
          const envelope = envelopeExample({
            id,
            correlation_id: story,
            causation_id: cause,
            traceparent: traceparentOf(story, id),
            facts: JSON.parse(JSON.stringify(content)),
            seq,
            prev,
          });
          const text = serializeEnvelope(envelope);
          expect(text).not.toContain("\n");
          expect(JSON.parse(text)).toEqual(envelope);
          expect(parseEnvelope(text)).toEqual({ kind: "ok", envelope });
          expect(parseEnvelope(Buffer.from(text))).toEqual({ kind: "ok", envelope });
        },
      ),
    );
  });

  it("is written with its members in the order of the wire, the name first", () => {
    expect(line.startsWith('{"signal":"Q_CURIOSITY_INVESTIGATE",')).toBe(true);
    expect(Object.keys(JSON.parse(line))).toEqual(
      "signal id timestamp source facts version priority correlation_id causation_id traceparent epoch seq prev".split(
        " ",
      ),
    );
  });

  it("never makes the reader throw, however its bytes were damaged", () => {
    const damage = fc.tuple(fc.nat({ max: line.length - 1 }), fc.nat({ max: 255 }));
    fc.assert(
      fc.property(fc.array(damage, { maxLength: 4 }), fc.nat({ max: line.length }), (changes, length) => {
        const bytes = Buffer.from(line).subarray(0, length === 0 ? line.length : length);
        for (const [at, byte] of changes) if (at < bytes.length) bytes[at] = byte;
        expect(["ok", "bad"]).toContain(parseEnvelope(bytes).kind);
      }),
    );
  });

  it("keeps members that it does not know", () => {
    const parsed = parseEnvelope(line.replace(/}$/, ',"shard":7}'));
    expect(parsed).toMatchObject({ kind: "ok", envelope: { shard: 7 } });
  });

  it("of a volatile signal has no position, and says so with two zeros", () => {
    expect(problemOf(serializeEnvelope(envelopeExample({ seq: 0, prev: 0 })))).toBeNull();
  });
});

describe("a line is refused", () => {
  it.each([
    ["signal", "q_lower_case"],
    ["signal", "Q_ONEWORD"],
    ["signal", `Q_${"A".repeat(127)}_B`],
    ["signal", 5],
    ["id", "not-an-id"],
    ["id", "0199D2A4-7A00-7000-8000-000000000002"],
    ["id", undefined],
    ["timestamp", "yesterday"],
    ["timestamp", "2025-11-15T10:30:00"],
    ["timestamp", "2025-02-29T10:30:00Z"],
    ["timestamp", "2025-11-31T10:30:00Z"],
    ["timestamp", "2025-11-15T24:00:00Z"],
    ["source", "Intent Router"],
    ["source", ""],
    ["facts", []],
    ["facts", null],
    ["facts", "text"],
    ["version", 0],
    ["version", 1.5],
    ["version", "1"],
    ["priority", "urgent"],
    ["correlation_id", "x"],
    ["causation_id", undefined],
    ["causation_id", ""],
    ["traceparent", "00-0199d2a47a0070008000000000000001-8000000000000002"],
    ["traceparent", `00-${"0".repeat(32)}-8000000000000002-01`],
    ["traceparent", `00-0199d2a47a0070008000000000000001-${"0".repeat(16)}-01`],
    ["epoch", ""],
    ["epoch", 'a"b'],
    ["seq", -1],
    ["seq", 1e300],
    ["seq", "12"],
    ["prev", 12],
    ["prev", 13],
    ["prev", -1],
    ["prev", null],
  ])("when its %s is %j, with the path of the field", (field, value) => {
    // A valid line first, so that a remembered field cannot hide a bad one.
    expect(problemOf(line)).toBeNull();
    expect(problemOf(JSON.stringify({ ...envelopeExample(), [field]: value }))).toMatchObject({
      reason: "bad_field",
      path: `/${field}`,
    });
  });

  it.each(["", "nonsense", "{", "[]", "null", "42", '"text"', `${line}${line}`, `\uFEFF${line}`])(
    "when it is no JSON object: %j",
    (text) => {
      expect(["not_json", "bad_field"]).toContain(problemOf(text)?.reason);
      expect(problemOf(Buffer.from(text))?.path).toBe("");
    },
  );

  it("when it is longer than the limit, counted in bytes", () => {
    const limits = { maxBytes: Buffer.byteLength(line), maxDepth: MAX_JSON_DEPTH };
    expect(problemOf(line, limits)).toBeNull();
    expect(problemOf(Buffer.from(line), limits)).toBeNull();
    expect(problemOf(line.replace("audio", "aüdio"), limits)).toMatchObject({ reason: "too_large" });
    expect(problemOf(Buffer.from(`${line} `), limits)).toMatchObject({ reason: "too_large" });
  });

  it("when it is not UTF-8", () => {
    const bytes = Buffer.from(line);
    bytes[line.indexOf("audio")] = 0xff;
    expect(problemOf(bytes)).toMatchObject({ reason: "bad_utf8" });
  });

  it("when it nests deeper than the limit, and not before", () => {
    const nested = (levels: number) =>
      line.replace('"path:src/audio"', `{},[],${"[".repeat(levels)}${"]".repeat(levels)}`);
    // The envelope, its facts and the evidence are three levels of their own.
    expect(problemOf(nested(61))).toBeNull();
    expect(problemOf(nested(62))).toMatchObject({ reason: "too_deep" });
  });

  it("when it nests so deep that a recursive reader would run out of stack", () => {
    const depth = 200_000;
    expect(problemOf(`{"facts":${"[".repeat(depth)}${"]".repeat(depth)}}`)).toMatchObject({
      reason: "too_deep",
    });
  });

  it("not because its texts are full of brackets", () => {
    const brackets = `\\"${"[{".repeat(500)}\\\\`;
    expect(problemOf(line.replace("path:src/audio", brackets))).toBeNull();
  });
});
