/** One name from one emitter: each seq accepted once and in order, a cursor that only moves on, a window that holds. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { NameStream } from "../../src/protocol/name-stream.ts";

const WINDOW = 5;
const FRESH = { cursor: 0, done: [], base: 0, handled: 0, dead: 0, expired: 0 };
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("live" as const), ahead: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("fetched" as const), ahead: fc.constant(1) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant("finish" as const), which: fc.nat(9) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart" as const) }) },
);

it("accepts each seq once and in order, never loses one between cursor and seen, and counts what it finishes", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
      let stream = new NameStream("Q_TEST_A", FRESH, WINDOW, 1_000);
      const finished = new Set<number>();
      let open: number[] = [];
      let cursor = 0;
      for (const one of steps) {
        if (one.do === "live" || one.do === "fetched") {
          const { seen, room } = stream;
          const seq = seen + one.ahead;
          const offer = stream.offer(seq, seq - 1, one.do === "fetched");
          if (one.ahead === 0) expect(offer).toBe("old");
          else if (one.ahead > 1) expect(offer).toBe("gap");
          else if (room === 0) expect(offer).toBe("full");
          else expect(offer).toBe(finished.has(seq) ? "done" : "accepted");
          if (offer === "accepted") open.push(seq);
        } else if (one.do === "finish") {
          const seq = open[one.which % Math.max(1, open.length)];
          if (seq === undefined) continue;
          open = open.filter((other) => other !== seq);
          finished.add(seq);
          stream.finish(seq, seq % 3 === 0 ? "dead" : "handled");
          stream.finish(seq, "handled");
        } else {
          stream = new NameStream("Q_TEST_A", stream.progress(), WINDOW, 1_000);
          open = [];
        }
        expect(stream.cursor).toBeGreaterThanOrEqual(cursor);
        cursor = stream.cursor;
        expect(open.length).toBeLessThanOrEqual(WINDOW);
        expect(stream.unfinished).toBe(open.length);
        for (let seq = 1; seq <= cursor; seq++) expect(finished.has(seq)).toBe(true);
        const { done, handled, dead } = stream.progress();
        expect(done).toEqual([...finished].filter((seq) => seq > cursor).sort((a, b) => a - b));
        expect([handled, dead]).toEqual([
          count(finished, (seq) => seq % 3 !== 0),
          count(finished, (seq) => seq % 3 === 0),
        ]);
      }
    }),
    { numRuns: 500 },
  );
});

const count = (seqs: ReadonlySet<number>, matches: (seq: number) => boolean): number =>
  [...seqs].filter(matches).length;
