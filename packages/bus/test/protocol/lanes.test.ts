/** The waiting room against a naive model: a list in order of arrival, looked through from the front. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Lanes, type Waiting } from "../../src/protocol/lanes.ts";

interface Guest extends Waiting {
  readonly n: number;
}

const KEYS = ["a", "b", "c", null];
const command = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({
      do: fc.constant("push" as const),
      lane: fc.nat(3),
      key: fc.constantFrom(...KEYS),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("take" as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("release" as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("remove" as const), rest: fc.nat(4) }) },
);

describe("the lanes", () => {
  it("lose nothing, keep each key in order and one at a time, and let higher priorities of other keys overtake", () => {
    fc.assert(
      fc.property(fc.array(command, { maxLength: 150 }), (commands) => {
        const lanes = new Lanes<Guest>();
        let waiting: Guest[] = [];
        let running: Guest[] = [];
        let n = 0;
        for (const step of commands) {
          if (step.do === "push") {
            const guest = { n: n++, lane: step.lane, key: step.key };
            lanes.push(guest);
            waiting.push(guest);
          } else if (step.do === "take") {
            const taken = lanes.take();
            const free = mayRun(waiting, running);
            if (taken === undefined) {
              expect(free).toEqual([]);
              continue;
            }
            expect(free).toContain(taken);
            const priorities = free.map(({ lane }) => lane);
            expect([Math.min(...priorities), Math.max(...priorities)]).toContain(taken.lane);
            waiting = waiting.filter((guest) => guest !== taken);
            running.push(taken);
          } else if (step.do === "release") {
            const guest = running[step.which % Math.max(1, running.length)];
            if (guest === undefined) continue;
            running = running.filter((other) => other !== guest);
            lanes.release(guest);
          } else {
            lanes.remove((guest) => guest.n % 5 === step.rest);
            waiting = waiting.filter((guest) => guest.n % 5 !== step.rest);
          }
          expect(lanes.size).toBe(waiting.length);
        }
        // Nothing is stuck: everything leaves when keys are released.
        while (waiting.length > 0) {
          const taken = lanes.take();
          if (taken === undefined) {
            const done = running.shift();
            expect(done).toBeDefined();
            lanes.release(done as Guest);
          } else {
            expect(mayRun(waiting, running)).toContain(taken);
            waiting = waiting.filter((guest) => guest !== taken);
            running.push(taken);
          }
        }
        expect(lanes.take()).toBeUndefined();
      }),
      { numRuns: 2_000 },
    );
  });

  it("take the highest priority first, but for every sixteenth", () => {
    const lanes = new Lanes<Guest>();
    for (let n = 0; n < 64; n++) lanes.push({ n, lane: n % 2 === 0 ? 0 : 3, key: null });
    const order = Array.from({ length: 33 }, () => lanes.take()?.lane);
    expect(order.filter((lane) => lane === 3)).toHaveLength(2 + 1 - (order[32] === 0 ? 1 : 0));
    expect(order.slice(0, 15)).toEqual(Array.from({ length: 15 }, () => 0));
    expect(order[15]).toBe(3);
  });

  it("let no lane starve, however many critical signals keep coming", () => {
    const lanes = new Lanes<Guest>();
    lanes.push({ n: -1, lane: 3, key: "k" });
    for (let n = 0; n < 20; n++) {
      lanes.push({ n, lane: 0, key: null });
      if (lanes.take()?.n === -1) return;
    }
    expect.unreachable("the low one never came");
  });

  it("let no key starve, however many signals of another key keep coming", () => {
    const lanes = new Lanes<Guest>();
    const running: Guest[] = [];
    let n = 0;
    for (; n < 50; n++) lanes.push({ n, lane: 2, key: "busy" });
    lanes.push({ n: -1, lane: 2, key: "rare" });
    for (let turn = 0; turn < 120; turn++) {
      lanes.push({ n: n++, lane: 2, key: "busy" });
      while (running.length < 2) {
        const guest = lanes.take();
        if (guest === undefined) break;
        if (guest.key === "rare") return;
        running.push(guest);
      }
      const done = running.shift();
      if (done !== undefined) lanes.release(done);
    }
    expect.unreachable("the rare key never came");
  });
});

/** Who may run now: per key only the oldest that waits, and only while none of its key runs. */
function mayRun(waiting: readonly Guest[], running: readonly Guest[]): Guest[] {
  return waiting.filter(
    (guest, i) =>
      guest.key === null ||
      (!running.some(({ key }) => key === guest.key) &&
        !waiting.slice(0, i).some(({ key }) => key === guest.key)),
  );
}
