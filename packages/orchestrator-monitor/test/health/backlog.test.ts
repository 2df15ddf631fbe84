/** The age of what waits, against a queue in which each signal knows its own. */
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Backlog } from "../../src/health/backlog.ts";

const LOOK_MS = 15;

describe("the age of the oldest signal that waits", () => {
  it("is never more than the true one, and in order of arrival at most two looks less", () => {
    const step = fc.record({
      arrive: fc.nat(5),
      finish: fc.nat(5),
      restart: fc.constantFrom(false, false, false, true),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100 }), (steps) => {
        const backlog = new Backlog();
        const queue: number[] = [];
        let finished = 0;
        let pid = 1;
        let at = 0;
        backlog.see({ at, lag: 0, finished, pid });
        for (const { arrive, finish, restart } of steps) {
          at += LOOK_MS;
          for (let n = 0; n < arrive; n++) queue.push(at - LOOK_MS + 1);
          if (restart) [pid, finished] = [pid + 1, 0];
          finished += queue.splice(0, finish).length;
          backlog.see({ at, lag: queue.length, finished, pid });
          const trueAge = queue[0] === undefined ? 0 : at - queue[0];
          const { value, exact } = backlog.age(at);
          expect(exact).toBe(true);
          expect(value).toBeLessThanOrEqual(trueAge);
          if (!restart) expect(value).toBeGreaterThanOrEqual(trueAge - 2 * LOOK_MS);
        }
      }),
    );
  });

  it("is only a lower bound until all that waited at the first look is done", () => {
    const backlog = new Backlog();
    backlog.see({ at: 0, lag: 2, finished: 10, pid: 1 });
    backlog.see({ at: 50, lag: 2, finished: 11, pid: 1 });
    expect(backlog.age(50)).toEqual({ value: 50, exact: false });
    backlog.see({ at: 100, lag: 1, finished: 12, pid: 1 });
    expect(backlog.age(100)).toEqual({ value: 50, exact: true });
  });

  it("grows by what the lag has grown over five minutes, and holds a bounded number of looks", () => {
    const backlog = new Backlog();
    for (let n = 0; n <= 10_000; n++) backlog.see({ at: n * 15_000, lag: 10 * n, finished: 0, pid: 1 });
    expect(backlog.growth()).toBe(200);
    expect(backlog.age(150_000_000).value).toBe(150_000_000 - 15_000);
  });
});
