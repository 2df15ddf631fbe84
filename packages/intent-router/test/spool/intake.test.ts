import { describe, expect, it } from "vitest";
import { Intake } from "../../src/spool/intake.ts";

const identity = { dev: "1", ino: "2", mtimeNs: "3", size: "4" };
const names = (entries: readonly { name: string }[]): string[] => entries.map(({ name }) => name);

describe("the intake", () => {
  it("looks again at what changed while it was being looked at, routed or finished", () => {
    const intake = new Intake(10);
    for (const finish of ["queue", "settle", "finish", "return"] as const) {
      intake.hear("a");
      const [entry] = intake.takeArrivals(5);
      intake.hear("a");
      if (finish === "queue") intake.queue(entry!, 0, 0, 0);
      else if (finish === "settle") intake.settle(entry!, identity, 0, 0);
      else intake[finish](entry!);
      const [again] = intake.takeArrivals(5);
      expect(again?.name, finish).toBe("a");
      intake.finish(again!);
      expect(intake.size).toBe(0);
    }
  });

  it("passes by the one event of its own move, and no other", () => {
    const intake = new Intake(10);
    intake.expectMove("a");
    intake.hear("a");
    expect(intake.idle).toBe(true);
    intake.hear("a");
    expect(names(intake.takeArrivals(5))).toEqual(["a"]);
    intake.expectMove("b");
    intake.expectNoMove("b");
    intake.hear("b");
    intake.expectMove("c");
    intake.forgetMoves();
    intake.hear("c");
    expect(names(intake.takeArrivals(5))).toEqual(["b", "c"]);
  });

  it("holds no more names than it may, and asks for another scan", () => {
    const intake = new Intake(2);
    expect([intake.meet("a"), intake.meet("a"), intake.meet("b"), intake.meet("c")]).toEqual([
      true,
      true,
      true,
      false,
    ]);
    intake.hear("d");
    expect(intake.size).toBe(2);
    expect(intake.starved).toBe(true);
  });

  it("routes by the last look at a file, not by one before", () => {
    const intake = new Intake(10);
    for (const [name, rank] of [
      ["a", 0],
      ["b", 1],
    ] as const) {
      intake.hear(name);
      intake.queue(intake.takeArrivals(1)[0]!, rank, 0, 0);
    }
    intake.hear("a");
    intake.queue(intake.takeArrivals(1)[0]!, 2, 0, 0);
    expect(names(intake.takeBatch(5, 100))).toEqual(["b", "a"]);
    expect(intake.takeBatch(5, 100)).toEqual([]);
  });

  it("ends a batch when it is large enough", () => {
    const intake = new Intake(10);
    for (const name of ["a", "b", "c"]) {
      intake.hear(name);
      intake.queue(intake.takeArrivals(1)[0]!, 0, 0, 60);
    }
    expect(names(intake.takeBatch(5, 100))).toEqual(["a", "b"]);
    expect(names(intake.takeBatch(5, 100))).toEqual(["c"]);
  });

  it("wakes a file that has not changed for the settle time, and counts anew when it has", () => {
    const intake = new Intake(10);
    intake.hear("a");
    intake.settle(intake.takeArrivals(1)[0]!, identity, 1000, 0);
    expect(intake.wakeSettled(1100, 500)).toBe(400);
    intake.hear("a");
    intake.settle(intake.takeArrivals(1)[0]!, identity, 1200, 0);
    expect(intake.wakeSettled(1200, 500)).toBe(300);
    intake.hear("a");
    intake.settle(intake.takeArrivals(1)[0]!, { ...identity, size: "5" }, 1300, 0);
    expect(intake.wakeSettled(1300, 500)).toBe(500);
    expect(intake.wakeSettled(1800, 500)).toBeUndefined();
    expect(intake.takeArrivals(1)[0]).toMatchObject({ name: "a", settled: true });
  });
});
