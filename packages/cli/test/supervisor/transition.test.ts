import { describe, expect, test } from "vitest";
import { Drive } from "./drive.ts";

describe("a child that crashes", () => {
  test("is started again after a delay that doubles with each attempt", () => {
    const drive = new Drive(["a"], { startLimit: 100 });
    const delays: number[] = [];
    for (let crash = 0; crash < 5; crash++) {
      const at = drive.now;
      drive.exit("a", 1);
      while (drive.child("a").phase.kind === "backoff") drive.pass(200);
      delays.push(drive.now - at);
    }
    expect(delays).toEqual([600, 1_000, 2_000, 4_000, 8_000]); // 500 ms seen at the next look at the clock
  });

  test("fails loudly after five quick starts, and the others keep running", () => {
    const drive = new Drive(["a", "b"]);
    drive.say("b", "ready");
    for (let crash = 0; crash < 5; crash++) {
      drive.exit("a", 1);
      drive.pass(9_000, ["b"]);
    }
    expect(drive.spawns("a")).toHaveLength(5);
    expect(drive.child("a").phase).toMatchObject({ kind: "failed" });
    expect(drive.child("b").phase.kind).toBe("ready");
    expect(
      drive.log.filter(({ action }) => action.kind === "report" && action.level === "error"),
    ).toHaveLength(1);
  });

  test("keeps its attempts when it was ready too shortly, and loses them after the minimum uptime", () => {
    const drive = new Drive(["a"]);
    drive.say("a", "ready");
    drive.pass(5_000, ["a"]);
    drive.exit("a", null, "SIGKILL");
    drive.pass(1_000);
    drive.say("a", "ready");
    drive.pass(5_000, ["a"]);
    drive.exit("a", null, "SIGKILL");
    expect(drive.child("a").attempts).toBe(2);
    drive.pass(2_000);
    drive.say("a", "ready");
    drive.pass(11_000, ["a"]);
    drive.exit("a", null, "SIGKILL");
    expect(drive.child("a").attempts).toBe(1);
    expect(drive.child("a").starts).toEqual([]);
  });

  test("that failed is started by a person's word, with a clean slate", () => {
    const drive = new Drive(["a"], { startLimit: 1 });
    drive.exit("a", 1);
    expect(drive.child("a").phase.kind).toBe("failed");
    drive.feed({ kind: "restart", name: "a" });
    expect(drive.child("a")).toMatchObject({ phase: { kind: "starting" }, attempts: 0 });
  });

  test("is no crash when the child asked for it: it is started again soon, and nothing is counted against it", () => {
    const drive = new Drive(["a"]);
    for (let time = 0; time < 10; time++) {
      drive.say("a", "ready");
      drive.say("a", "stopping");
      drive.exit("a", 79);
      expect(drive.child("a")).toMatchObject({ phase: { kind: "backoff" }, attempts: 0 });
      drive.pass(600);
    }
    expect(drive.child("a").phase.kind).toBe("starting");
    expect(drive.log.filter(({ action }) => action.kind === "report" && action.level !== "info")).toEqual([]);
  });

  test("because of a full disk is tried again for ever, at leisure", () => {
    const drive = new Drive(["a"]);
    for (let time = 0; time < 20; time++) {
      drive.exit("a", 74);
      drive.pass(29_000);
      expect(drive.child("a").phase.kind).toBe("backoff");
      drive.pass(2_000);
      expect(drive.child("a").phase.kind).toBe("starting");
    }
  });

  test("with exit 0 and no STOPPING=1 fell off its end and is started again", () => {
    const drive = new Drive(["a"]);
    drive.say("a", "ready");
    drive.exit("a", 0);
    expect(drive.child("a").phase.kind).toBe("backoff");
  });
});

describe("a child that is not to be restarted", () => {
  test.each([
    [78, "bad configuration"],
    [75, "another process"],
    [73, "cannot be written"],
  ])("exit %i is failed at once: %s", (code, reason) => {
    const drive = new Drive(["a"]);
    drive.exit("a", code);
    expect(drive.child("a").phase).toMatchObject({ kind: "failed", reason: expect.stringContaining(reason) });
    drive.pass(120_000);
    expect(drive.spawns("a")).toHaveLength(1);
  });

  test("a deliberate stop is never undone, whatever the exit code", () => {
    const drive = new Drive(["a"]);
    drive.say("a", "ready");
    drive.feed({ kind: "stop", name: "a" });
    drive.exit("a", 70);
    drive.pass(120_000);
    expect(drive.child("a").phase.kind).toBe("stopped");
    expect(drive.spawns("a")).toHaveLength(1);
  });

  test("a stop during the backoff cancels the start that was due", () => {
    const drive = new Drive(["a"]);
    drive.exit("a", 1);
    drive.feed({ kind: "stop", name: "a" });
    drive.pass(60_000);
    expect(drive.spawns("a")).toHaveLength(1);
  });

  test("a daemon that was told to stop through its own socket stays stopped", () => {
    const drive = new Drive(["a"]);
    drive.say("a", "ready");
    drive.say("a", "stopping");
    drive.exit("a", 0);
    drive.pass(60_000);
    expect(drive.child("a").phase.kind).toBe("stopped");
  });
});

describe("a child that hangs", () => {
  test("is aborted, killed and started again when its heartbeats stop", () => {
    const drive = new Drive(["a"]);
    drive.say("a", "ready");
    drive.pass(30_000, ["a"]);
    expect(drive.signals("a")).toEqual([]);
    drive.pass(13_000);
    expect(drive.signals("a")).toEqual(["SIGABRT", "SIGKILL"]);
    drive.exit("a", null, "SIGKILL");
    drive.pass(1_000);
    expect(drive.child("a").phase.kind).toBe("starting");
  });

  test("while starting has the whole grace, renewed by each sign of progress", () => {
    const drive = new Drive(["a"]);
    drive.pass(59_000);
    drive.say("a", "progress");
    drive.pass(59_000);
    expect(drive.signals("a")).toEqual([]);
    drive.pass(2_000);
    expect(drive.signals("a")).toEqual(["SIGABRT"]);
  });

  test("while starting is ended by the cap however lively it is", () => {
    const drive = new Drive(["a"], { startCapMs: 100_000 });
    drive.pass(101_000, ["a"]);
    expect(drive.signals("a")[0]).toBe("SIGABRT");
  });

  test("is not judged for the time in which the supervisor itself slept", () => {
    const drive = new Drive(["a", "b"]);
    drive.say("a", "ready");
    drive.sleep(3_600_000);
    expect(drive.pass(9_000)).toEqual([]);
    expect(drive.child("b").phase.kind).toBe("starting");
    drive.pass(2_000);
    expect(drive.signals("a")).toEqual(["SIGABRT"]);
  });
});

describe("stopping all", () => {
  test("goes in order, each told when the one before has ended", () => {
    const drive = new Drive(["a", "b", "c"]);
    drive.feed({ kind: "stop-all" });
    expect([drive.signals("a"), drive.signals("b")]).toEqual([["SIGTERM"], []]);
    drive.exit("a", 0);
    expect([drive.signals("b"), drive.signals("c")]).toEqual([["SIGTERM"], []]);
    drive.exit("b", 0);
    expect(drive.exit("c", 0)).toContainEqual({ kind: "ended" });
  });

  test("does not wait for a slow one for ever, and kills it only at its drain deadline", () => {
    const drive = new Drive(["a", "b"]);
    drive.feed({ kind: "stop-all" });
    drive.pass(1_200);
    expect(drive.signals("b")).toEqual(["SIGTERM"]);
    drive.pass(drive.limits.drainMs - 1_400);
    expect(drive.signals("a")).toEqual(["SIGTERM"]);
    drive.pass(400);
    expect(drive.signals("a")).toEqual(["SIGTERM", "SIGKILL"]);
  });

  test("hurries at the second word and kills at the third", () => {
    const drive = new Drive(["a", "b"]);
    drive.feed({ kind: "stop-all" });
    drive.feed({ kind: "stop-all" });
    expect([drive.signals("a"), drive.signals("b")]).toEqual([["SIGTERM", "SIGTERM"], ["SIGTERM"]]);
    drive.feed({ kind: "stop-all" });
    expect([drive.signals("a").at(-1), drive.signals("b").at(-1)]).toEqual(["SIGKILL", "SIGKILL"]);
  });

  test("cancels restarts that are due or asked for", () => {
    const drive = new Drive(["a", "b"]);
    drive.exit("a", 1);
    drive.say("b", "ready");
    drive.feed({ kind: "restart", name: "b" });
    drive.feed({ kind: "stop-all" });
    expect(drive.exit("b", 0)).toContainEqual({ kind: "ended" });
    expect(drive.spawns("b")).toHaveLength(1);
  });

  test("ends at once when nothing runs", () => {
    const drive = new Drive(["a"]);
    drive.exit("a", 78);
    expect(drive.feed({ kind: "stop-all" })).toContainEqual({ kind: "ended" });
  });
});

test("events of an earlier process change nothing", () => {
  const drive = new Drive(["a"]);
  drive.exit("a", 1);
  drive.pass(1_000);
  const before = drive.state;
  drive.feed({ kind: "exited", name: "a", run: 1, code: 1, signal: null });
  drive.feed({ kind: "ready", name: "a", run: 1 });
  expect(drive.state.children).toEqual(before.children);
});

describe("a program that joins a running mesh", () => {
  test("is started at once, kept running like the others, and stopped last", () => {
    const drive = new Drive(["a"]);
    drive.say("a", "ready");
    expect(drive.feed({ kind: "add", name: "b" })).toEqual([{ kind: "spawn", name: "b", run: 1 }]);
    expect(drive.feed({ kind: "add", name: "b" })).toEqual([]);
    drive.say("b", "ready");
    drive.exit("b", 1);
    drive.pass(1_000, ["a"]);
    expect(drive.spawns("b")).toHaveLength(2);
    drive.feed({ kind: "stop-all" });
    expect([drive.signals("a"), drive.signals("b")]).toEqual([["SIGTERM"], []]);
    drive.exit("a", 0);
    expect(drive.signals("b")).toEqual(["SIGTERM"]);
  });

  test("does not join one that is being stopped", () => {
    const drive = new Drive(["a"]);
    drive.feed({ kind: "stop-all" });
    expect(drive.feed({ kind: "add", name: "b" })).toEqual([]);
  });

  test("leaves it in order, and is forgotten once nothing of it is alive", () => {
    const drive = new Drive(["a", "b"]);
    drive.say("b", "ready");
    drive.feed({ kind: "remove", name: "b" });
    expect(drive.signals("b")).toEqual(["SIGTERM"]);
    expect(drive.feed({ kind: "restart", name: "b" })).toEqual([]);
    expect(drive.child("b").phase.kind).toBe("stopping");
    drive.exit("b", 0);
    expect(drive.state.children.map(({ name }) => name)).toEqual(["a"]);
    drive.feed({ kind: "remove", name: "b" });
    drive.feed({ kind: "stop", name: "a" });
    drive.exit("a", 0);
    drive.feed({ kind: "remove", name: "a" });
    expect(drive.state.children).toEqual([]);
  });

  test("that comes back while it is leaving stays", () => {
    const drive = new Drive(["a", "b"]);
    drive.say("b", "ready");
    drive.feed({ kind: "remove", name: "b" });
    drive.feed({ kind: "add", name: "b" });
    drive.exit("b", 0);
    expect(drive.child("b").phase.kind).toBe("starting");
    expect(drive.spawns("b")).toHaveLength(2);
  });
});
