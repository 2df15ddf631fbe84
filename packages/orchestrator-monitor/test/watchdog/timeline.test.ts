import { describe, expect, it } from "vitest";
import { Timeline } from "../../src/watchdog/timeline.ts";

const HOUR = 3_600_000;

/** A machine's clocks: `pass` moves both, `set` the wall clock only, `restart` begins the other anew. */
function machine() {
  let wall = 1_700_000_000_000;
  let elapsed = 0;
  return {
    clock: { wall: () => wall, elapsed: () => elapsed },
    pass(ms: number) {
      wall += ms;
      elapsed += ms;
    },
    set(ms: number) {
      wall += ms;
    },
    down(ms: number) {
      wall += ms;
      elapsed = 0;
    },
    stamp: (agoMs = 0) => new Date(wall - agoMs).toISOString(),
  };
}

describe("the timeline", () => {
  it.each([HOUR, -HOUR])("goes on as if nothing was when the clock is set by %d ms", (jump) => {
    const { clock, pass, set } = machine();
    const timeline = new Timeline(clock, null);
    const start = timeline.now();
    pass(500);
    set(jump);
    pass(500);
    expect(timeline.now() - start).toBe(1_000);
    expect(timeline.wasSet()).toBe(true);
    expect(timeline.wasSet()).toBe(false);
    const again = new Timeline(clock, timeline.anchor());
    expect(again.now() - start).toBe(1_000);
  });

  it("counts the time between two processes by the wall clock, and never goes back", () => {
    const { clock, down } = machine();
    const before = new Timeline(clock, null);
    const [start, anchor] = [before.now(), before.anchor()];
    down(5_000);
    expect(new Timeline(clock, anchor).now() - start).toBe(5_000);
    down(-HOUR);
    expect(new Timeline(clock, anchor).now() - start).toBe(0);
  });

  it("knows how long ago a signal was emitted while it ran, whatever the clock was set to since", () => {
    const { clock, pass, set, stamp } = machine();
    const timeline = new Timeline(clock, null);
    const age = (timestamp: string) => timeline.now() - timeline.momentOf(timestamp);
    pass(5_000);
    expect(age(stamp(2_000))).toBe(2_000);
    const before = stamp();
    set(HOUR);
    pass(300);
    expect(age(before)).toBe(300);
    expect(age(stamp())).toBe(0);
    set(-2 * HOUR);
    expect(timeline.wasSet()).toBe(true);
    const wrong = stamp();
    set(HOUR);
    pass(200);
    expect(age(wrong)).toBe(200);
    expect(age(before)).toBe(0); // Later rather than earlier.
  });

  it("takes no signal to be older than the process: how long it lay there the clock cannot prove", () => {
    const { clock, pass, stamp } = machine();
    const timeline = new Timeline(clock, null);
    pass(1_000);
    expect(timeline.now() - timeline.momentOf(stamp(HOUR))).toBe(1_000);
    expect(timeline.now() - timeline.momentOf("no time")).toBe(1_000);
  });
});
