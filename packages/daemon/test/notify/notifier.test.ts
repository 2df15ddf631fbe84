import { mkdtempSync, openSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { NodeStats } from "@kloros/bus";
import { DgramSocket } from "node-unix-socket";
import { expect, onTestFinished, test, vi } from "vitest";
import { openNotifier } from "../../src/notify/notifier.ts";
import { startWatchdog, stuckReason } from "../../src/notify/watchdog.ts";

function systemd(): { path: string; received: string[] } {
  const path = join(mkdtempSync(join(tmpdir(), "kloros-notify-")), "notify");
  const socket = new DgramSocket();
  socket.bind(path);
  const received: string[] = [];
  socket.on("data", (bytes: Buffer) => received.push(bytes.toString()));
  onTestFinished(() => socket.close());
  return { path, received };
}

const stats = (oldestHandlerMs: number) => ({ oldestHandlerMs }) as NodeStats;

test("systemd gets datagrams, a supervisor gets lines, both at once when both ask", async () => {
  const { path, received } = systemd();
  const file = join(mkdtempSync(join(tmpdir(), "kloros-notify-")), "pipe");
  const environment = { NOTIFY_SOCKET: path, KLOROS_NOTIFY_FD: String(openSync(file, "w")), OTHER: "kept" };
  const notifier = await openNotifier(environment);
  notifier.send("READY=1", "STATUS=two\nlines");
  notifier.send("STOPPING=1");
  await notifier.close();
  // They are on their way to this same process; it must have its turn to read them.
  await expect.poll(() => received).toEqual(["READY=1\nSTATUS=two lines\n", "STOPPING=1\n"]);
  expect(readFileSync(file, "utf8")).toBe("READY=1\nSTATUS=two lines\nSTOPPING=1\n");
  expect(environment).toEqual({ OTHER: "kept" });
});

test("nobody asks: all calls do nothing", async () => {
  const notifier = await openNotifier({});
  notifier.send("READY=1");
  await notifier.close();
  expect(notifier.watchdogIntervalMs).toBeNull();
});

test.each([
  [{ WATCHDOG_USEC: "3000000" }, 1500],
  [{ WATCHDOG_USEC: "3000000", WATCHDOG_PID: "1" }, null],
  [{ WATCHDOG_USEC: "60000000" }, 5000],
  [{ WATCHDOG_USEC: "0" }, null],
  [{}, null],
])("beats come at half of systemd's limit, when it is ours (%#)", async (variables, expected) => {
  const notifier = await openNotifier({ NOTIFY_SOCKET: systemd().path, ...variables });
  onTestFinished(() => notifier.close());
  expect(notifier.watchdogIntervalMs).toBe(expected);
});

test("a supervisor that is gone or was never there harms nobody", async () => {
  const notifier = await openNotifier({ NOTIFY_SOCKET: "/nowhere/notify", KLOROS_NOTIFY_FD: "999" });
  for (let n = 0; n < 100; n++) notifier.send("WATCHDOG=1");
  await notifier.close();
});

test("a handler may use its deadline and the grace, not more", () => {
  expect(stuckReason(stats(30_000 + 5_000 + 5_000), 30_000, 5_000)).toBeNull();
  expect(stuckReason(stats(41_000), 30_000, 5_000)).toMatch(/a handler has run for 41 s/);
});

test("beats stop when there is no progress, say so once, and come again", async () => {
  const sent: string[] = [];
  let oldestMs = 0;
  const changes: (string | null)[] = [];
  const stop = startWatchdog(
    { watchdogIntervalMs: 5, send: (...states) => void sent.push(...states), close: async () => undefined },
    { stats: () => stats(oldestMs), longestHandlerDeadlineMs: () => 0, abortGraceMs: 0 },
    { statusLine: () => "fine", onStuckChange: (reason) => void changes.push(reason) },
  );
  onTestFinished(stop);
  const beats = () => sent.filter((state) => state === "WATCHDOG=1").length;
  await vi.waitUntil(() => beats() > 2);
  oldestMs = 1_000_000;
  await vi.waitUntil(() => changes.length === 1);
  const before = beats();
  oldestMs = 0;
  await vi.waitUntil(() => changes.length === 2 && beats() > before);
  expect(changes).toEqual([expect.stringContaining("a handler has run"), null]);
  expect(sent.filter((state) => state.startsWith("STATUS"))).toEqual(["STATUS=fine"]);
});

test("a node that does not answer the probe is no progress", async () => {
  const changes: (string | null)[] = [];
  const sent: string[] = [];
  const broken = () => {
    throw new Error("closed");
  };
  const stop = startWatchdog(
    { watchdogIntervalMs: 5, send: (...states) => void sent.push(...states), close: async () => undefined },
    { stats: broken, longestHandlerDeadlineMs: () => 0, abortGraceMs: 0 },
    { statusLine: () => "?", onStuckChange: (reason) => void changes.push(reason) },
  );
  onTestFinished(stop);
  await vi.waitUntil(() => changes.length > 0);
  expect(changes[0]).toMatch(/does not answer: Error: closed/);
  expect(sent).not.toContain("WATCHDOG=1");
});
