/** Decoding trusts nothing: any bytes, any JSON, any almost-message is null or a message, never an exception. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  decodeHeartbeat,
  decodeToEmitter,
  decodeToReceptor,
  encode,
  type ToEmitter,
  type ToReceptor,
} from "../../src/protocol/wire.ts";

const DECODERS = [decodeToEmitter, decodeToReceptor, decodeHeartbeat];
const seq = fc.nat();
const text = fc.string({ minLength: 1, maxLength: 40 });
const seqs = fc.dictionary(text, seq, { maxKeys: 4 });
const heads = fc.dictionary(text, fc.record({ last: seq, count: seq, pruned: seq }), { maxKeys: 4 });

const toEmitter: fc.Arbitrary<ToEmitter> = fc.oneof(
  fc.record({
    t: fc.constant("hello" as const),
    v: fc.constant(1),
    consumer: text,
    names: fc.dictionary(text, text),
    epoch: fc.option(text),
    cursors: seqs,
  }),
  fc.record({
    t: fc.constant("fetch" as const),
    req: seq,
    consumer: text,
    epoch: text,
    after: seqs,
    room: seqs,
    from: seq,
  }),
  fc.record({ t: fc.constant("ack" as const), consumer: text, epoch: text, cursors: seqs }),
);
const toReceptor: fc.Arbitrary<ToReceptor> = fc.oneof(
  fc.record({
    t: fc.constant("welcome" as const),
    emitter: text,
    epochs: fc.array(fc.record({ epoch: text, first: seq }), { maxLength: 3 }),
    first: seq,
    last: seq,
    names: heads,
    mismatch: fc.array(text, { maxLength: 3 }),
  }),
  fc.record({
    t: fc.constant("batch" as const),
    req: seq,
    epoch: text,
    first: seq,
    last: seq,
    upto: seq,
    names: heads,
    corrupt: fc.array(
      fc.record({
        first: seq,
        names: fc.option(fc.dictionary(text, fc.record({ last: seq, count: seq }), { maxKeys: 3 })),
      }),
      { maxLength: 2 },
    ),
  }),
  fc.record({ t: fc.constant("unwelcome" as const), reason: text }),
);

describe("the wire", () => {
  it("brings every message through whole", () => {
    fc.assert(
      fc.property(toEmitter, (message) => {
        expect(decodeToEmitter(encode(message))).toEqual(plain(message));
      }),
    );
    fc.assert(
      fc.property(toReceptor, (message) => {
        expect(decodeToReceptor(encode(message))).toEqual(plain(message));
      }),
    );
  });

  it("takes any bytes without an exception", () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        for (const decode of DECODERS) expect(decode(bytes)).toBeNull();
      }),
    );
  });

  it("takes any JSON without an exception", () => {
    fc.assert(
      fc.property(fc.json(), (json) => {
        for (const decode of DECODERS) expect(() => decode(Buffer.from(json))).not.toThrow();
      }),
    );
  });

  it("refuses a message in which one field is missing or of another kind", () => {
    const wrong = fc.constantFrom<unknown>(
      undefined,
      null,
      -1,
      1.5,
      "",
      [],
      [1],
      { x: "y" },
      { x: -1 },
      true,
    );
    const message = fc.oneof<fc.Arbitrary<ToEmitter | ToReceptor>[]>(toEmitter, toReceptor);
    fc.assert(
      fc.property(message, fc.nat(), wrong, (sound, which, value) => {
        const fields = Object.keys(sound);
        const field = fields[which % fields.length] as string;
        const spoiled = { ...sound, [field]: value } as never;
        const decoded = decodeToEmitter(encode(spoiled)) ?? decodeToReceptor(encode(spoiled));
        // What is still a message has the value it says: an empty object or list where one may be empty, null where null may be.
        if (decoded !== null) expect(decoded).toEqual(plain(spoiled));
        if (value === undefined || value === -1 || value === 1.5 || value === true)
          expect(decoded).toBeNull();
      }),
    );
  });

  it("refuses a frame that is larger than any honest message", () => {
    const names = Object.fromEntries(
      Array.from({ length: 20_000 }, (_, n) => [`Q_TEST_NUMBER${String(n)}`, 1]),
    );
    const ack = decodeToEmitter(encode({ t: "ack", consumer: "b", epoch: "e", cursors: names }));
    expect(ack === null).toBe(true);
  });
});

/** As JSON sees it. */
const plain = (value: unknown): unknown => JSON.parse(JSON.stringify(value)) as unknown;
