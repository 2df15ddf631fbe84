import { mkdtempSync, openSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DgramSocket } from "node-unix-socket";
import { expect, onTestFinished, test } from "vitest";
import { openNotifier } from "../../src/notify/notifier.ts";

function systemd(): { path: string; received: string[] } {
  const path = join(mkdtempSync(join(tmpdir(), "kloros-notify-")), "notify");
  const socket = new DgramSocket();
  socket.bind(path);
  const received: string[] = [];
  socket.on("data", (bytes: Buffer) => received.push(bytes.toString()));
  onTestFinished(() => socket.close());
  return { path, received };
}

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
