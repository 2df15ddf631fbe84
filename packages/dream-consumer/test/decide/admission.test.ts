import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { admit, nextCycle, type RootRecord } from "../../src/decide/admission.ts";
import { chooseExperiment } from "../../src/decide/choose-experiment.ts";
import { cycleName } from "../../src/decide/trigger.ts";
import { experiment } from "./experiments.ts";

const RECORD: RootRecord = { cycle_id: "dream_1", attempt: 2, standing: "failed", trigger_id: "b" };

describe("a trigger", () => {
  it("is a new attempt only when the work it repeats has failed, and it is not that very trigger", () => {
    const again = { trigger_id: "c", root_id: "a", attempt: 2 };
    expect(admit(again, RECORD, 0, 10)).toEqual({ kind: "queued", attempt: 3 });
    expect(admit({ ...again, attempt: 7 }, RECORD, 0, 10)).toEqual({ kind: "queued", attempt: 7 });
    expect(admit({ ...again, trigger_id: "b" }, RECORD, 0, 10).kind).toBe("known");
    expect(admit({ ...again, trigger_id: "a" }, RECORD, 0, 10).kind).toBe("known");
    for (const standing of ["queued", "running", "completed"] as const)
      expect(admit(again, { ...RECORD, standing }, 0, 10).kind).toBe("known");
    expect(admit(again, RECORD, 10, 10)).toMatchObject({
      kind: "refused",
      failure: { error_type: "QueueFull" },
    });
  });

  it("gives its cycle a name of its time and its id, with the attempt from the second on", () => {
    const ms = Date.UTC(2025, 10, 15, 10, 30, 5, 999);
    expect(cycleName("0199d2a47a0070008000deadbeef", ms, 1)).toBe("dream_20251115_103005_deadbeef");
    expect(cycleName("0199d2a47a0070008000deadbeef", ms, 2)).toBe("dream_20251115_103005_deadbeef_r2");
    expect(cycleName("f".repeat(32), 2 ** 48 - 1, 1)).toMatch(/^dream_\d+_\d{6}_ffffffff$/);
  });

  it("means the experiment of that name, else of that topic, else the first that is enabled", () => {
    const experiments = [
      experiment("off", { enabled: false, topics: ["speed"] }),
      experiment("a", { topics: ["b"] }),
      experiment("b"),
    ];
    const name = (wanted: { experiment?: string; topic?: string }) => {
      const choice = chooseExperiment(
        { experiments },
        { experiment: wanted.experiment ?? null, topic: wanted.topic ?? null },
      );
      return choice.kind === "chosen" ? choice.experiment.name : choice.failure.error_message;
    };
    expect(name({})).toBe("a");
    expect(name({ topic: "b" })).toBe("b");
    expect(name({ topic: "a" })).toBe("a");
    expect(name({ experiment: "b", topic: "a" })).toBe("b");
    expect(name({ experiment: "speed" })).toContain(
      'no experiment in dream_lab/dream.yaml is called "speed"',
    );
    expect(name({ topic: "speed" })).toContain('means topic "speed"; enabled are a, b');
    expect(name({ topic: "off" })).toContain("switched off");
  });
});

it("there are never two cycles of one experiment, nor more than may run, and the queue is served in order", () => {
  const names = fc.constantFrom("a", "b", "c", "d");
  fc.assert(
    fc.property(
      fc.array(names),
      fc.uniqueArray(names),
      fc.integer({ min: 1, max: 4 }),
      (queue, running, max) => {
        const next = nextCycle(
          queue.map((experiment, place) => ({ experiment, place })),
          running,
          max,
        );
        if (running.length >= max) expect(next).toBeNull();
        else if (next === null) expect(queue.every((experiment) => running.includes(experiment))).toBe(true);
        else {
          expect(running).not.toContain(next.experiment);
          expect(queue.slice(0, next.place).every((experiment) => running.includes(experiment))).toBe(true);
        }
      },
    ),
  );
});
