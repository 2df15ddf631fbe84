import type { NodeStats } from "@kloros/bus";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { busProbe } from "../../src/notify/bus-probe.ts";
import { askForStartTime, stopTime } from "../../src/notify/more-time.ts";
import type { Notifier } from "../../src/notify/notifier.ts";
import { JOURNAL_WRITE_LIMIT_MS, stuckReason } from "../../src/notify/stuck-reason.ts";
import { startWatchdog } from "../../src/notify/watchdog.ts";

const WELL = { hung: [], journalWriteMs: 0, probe: { failures: 0, error: "" } };

function listening(watchdogIntervalMs: number | null): { notifier: Notifier; sent: string[] } {
  const sent: string[] = [];
  const notifier = {
    watchdogIntervalMs,
    watchdogLimitMs: watchdogIntervalMs === null ? null : watchdogIntervalMs * 2,
    isSystemd: true,
    send: (...states: string[]) => void sent.push(...states),
    close: async () => undefined,
  };
  return { notifier, sent };
}

/** A node whose figures and probe a test changes as it goes. */
function fakeNode() {
  const figures = { hung: [] as string[], journalWriteMs: 0 };
  const probes = { asked: 0, answer: () => Promise.resolve() };
  return {
    figures,
    probes,
    node: {
      stats: () => figures as unknown as NodeStats,
      probe: async () => {
        probes.asked++;
        await probes.answer();
      },
    },
  };
}

describe("what counts as stuck", () => {
  test("nothing does while handlers keep their deadlines, commits end and the bus answers", () => {
    expect(stuckReason(WELL)).toBeNull();
    expect(stuckReason({ ...WELL, journalWriteMs: JOURNAL_WRITE_LIMIT_MS })).toBeNull();
    expect(stuckReason({ ...WELL, probe: { failures: 1, error: "late" } })).toBeNull();
  });

  test("a handler that ignores its abort, a commit that hangs and a bus that is silent twice do", () => {
    expect(stuckReason({ ...WELL, hung: ["Q_A_B"] })).toMatch(/handler of Q_A_B ignores its abort/);
    expect(stuckReason({ ...WELL, journalWriteMs: JOURNAL_WRITE_LIMIT_MS + 1_000 })).toMatch(
      /journal has taken 21 s/,
    );
    expect(stuckReason({ ...WELL, probe: { failures: 2, error: "no answer" } })).toMatch(
      /bus does not answer: no answer/,
    );
  });
});

describe("with a clock of its own", () => {
  beforeEach(() => {
    vi.useFakeTimers();
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  test("beats stop when there is no progress, say so once, and come again", async () => {
    const { notifier, sent } = listening(1_000);
    const { node, figures } = fakeNode();
    const changes: (string | null)[] = [];
    const stop = startWatchdog(notifier, node, {
      statusLine: () => "fine",
      onStuckChange: (reason) => void changes.push(reason),
    });
    const beats = () => sent.filter((state) => state === "WATCHDOG=1").length;
    await vi.advanceTimersByTimeAsync(3_100);
    expect(beats()).toBe(3);
    figures.hung = ["Q_A_B"];
    await vi.advanceTimersByTimeAsync(5_000);
    expect(beats()).toBe(3);
    figures.hung = [];
    await vi.advanceTimersByTimeAsync(2_000);
    expect(beats()).toBe(5);
    expect(changes).toEqual([expect.stringContaining("handler of Q_A_B"), null]);
    expect(sent.filter((state) => state.startsWith("STATUS"))).toEqual(["STATUS=fine"]);
    stop();
    await vi.advanceTimersByTimeAsync(5_000);
    expect(beats()).toBe(5);
  });

  test("without anybody who waits for beats the daemon still knows that it is stuck", async () => {
    const { notifier, sent } = listening(null);
    const { node, figures } = fakeNode();
    const changes: unknown[] = [];
    const stop = startWatchdog(notifier, node, {
      statusLine: () => "",
      onStuckChange: (reason) => changes.push(reason),
    });
    figures.journalWriteMs = 60_000;
    await vi.advanceTimersByTimeAsync(6_000);
    expect(changes).toEqual([expect.stringContaining("60 s")]);
    expect(sent).not.toContain("WATCHDOG=1");
    stop();
  });

  test("the bus is asked every five seconds at most, one question at a time, and two failures count", async () => {
    const { node, probes } = fakeNode();
    const probe = busProbe(node, 30_000);
    probe.onBeat(0);
    probe.onBeat(1_000);
    expect(probes.asked).toBe(1);
    await vi.advanceTimersByTimeAsync(0);
    let answer: () => void = () => undefined;
    probes.answer = () => new Promise((resolve) => (answer = resolve));
    probe.onBeat(5_000);
    probe.onBeat(10_000);
    expect(probes.asked).toBe(2);
    answer();
    await vi.advanceTimersByTimeAsync(0);
    probes.answer = () => Promise.reject(new Error("silence"));
    for (const at of [15_000, 20_000]) {
      probe.onBeat(at);
      await vi.advanceTimersByTimeAsync(0);
    }
    expect(probe).toMatchObject({ failures: 2, error: "silence" });
    probes.answer = () => Promise.resolve();
    probe.onBeat(25_000);
    await vi.advanceTimersByTimeAsync(0);
    expect(probe.failures).toBe(0);
  });

  test("a start that gets on is given more time, one that stands still is not, and a stop as long as it may take", async () => {
    const { notifier, sent } = listening(1_000);
    let step = 0;
    const stop = askForStartTime(notifier, () => String(step));
    for (; step < 60; step++) await vi.advanceTimersByTimeAsync(5_000);
    expect(sent.length).toBeGreaterThan(55);
    expect(new Set(sent)).toEqual(new Set(["EXTEND_TIMEOUT_USEC=30000000"]));
    await vi.advanceTimersByTimeAsync(120_000);
    const before = sent.length;
    await vi.advanceTimersByTimeAsync(60_000);
    expect(sent.length).toBe(before);
    stop();
    expect(stopTime(60_000)).toBe("EXTEND_TIMEOUT_USEC=65000000");
  });
});
