import { expect, test, vi } from "vitest";
import { MAX_CLIENT_STREAMS } from "../../src/control/stream-table.ts";
import { rawClient, testControl } from "./control-kit.ts";

const greet = (text: string) => ["Q_GREETING_SENT", { text }] as const;

test("signals are streamed as they happen, after the answer, with the subscription and the request's correlation_id", async () => {
  const { path, node } = await testControl({ daemon: "hello_greeter" });
  const client = await rawClient(path);
  client.send("signal:subscribe", { signals: ["Q_GREETING_*"], kinds: ["emitted"] }, "mine");
  const answer = await client.next();
  expect(answer).toMatchObject({
    event: "signal:subscribe",
    correlation_id: "mine",
    data: { kinds: ["emitted"] },
  });
  const receipt = await node.emit(...greet("Hello"));
  expect(await client.next()).toEqual({
    event: "signal:emitted",
    data: {
      signal: "Q_GREETING_SENT",
      id: receipt.id,
      timestamp: expect.stringMatching(/Z$/) as unknown,
      source: "hello_greeter",
      facts: { text: "Hello" },
      version: 1,
      priority: "normal",
      correlation_id: receipt.id,
      causation_id: null,
      seq: receipt.seq,
    },
    subscription: answer.data["subscription"],
    correlation_id: "mine",
    timestamp: expect.closeTo(Date.now() / 1000, -2) as unknown,
  });
  client.send("signal:unsubscribe", { subscription: answer.data["subscription"] });
  expect(await client.next()).toMatchObject({ event: "signal:unsubscribe", data: { unsubscribed: true } });
  await node.emit(...greet("Anybody?"));
  client.send("system:health");
  expect(await client.next()).toMatchObject({ event: "system:health" });
  client.send("signal:unsubscribe", { subscription: answer.data["subscription"] });
  expect(await client.next()).toMatchObject({ code: "E_CONTROL_REQUEST" });
});

test("received signals are streamed too; without facts where they are not wanted", async () => {
  const { home, path } = await testControl({ setUp: (node) => node.on("Q_GREETING_SENT", () => undefined) });
  const greeter = await testControl({ home, daemon: "hello_greeter" });
  const client = await rawClient(path);
  client.send("signal:subscribe", { facts: false });
  await client.next();
  await greeter.node.emit(...greet("Hello"));
  const line = await client.next();
  expect(line).toMatchObject({
    event: "signal:received",
    data: { source: "hello_greeter", signal: "Q_GREETING_SENT" },
  });
  expect(line.data).not.toHaveProperty("facts");
});

test("a name that no signal has is refused with the one that was meant", async () => {
  const { ask } = await testControl({ daemon: "hello_greeter" });
  await expect(ask("signal:subscribe", { signals: ["Q_GREETING_SEND"] })).rejects.toThrow(
    "Q_GREETING_SEND matches no signal: did you mean Q_GREETING_SENT?",
  );
});

test("a subscriber that does not read loses lines, is told how many in their place, and delays nobody", async () => {
  const { path, node } = await testControl({ daemon: "hello_greeter" });
  const slow = await rawClient(path);
  const quick = await rawClient(path);
  for (const client of [slow, quick]) {
    client.send("signal:subscribe");
    await client.next();
  }
  slow.socket.pause();
  const text = "x".repeat(2_000);
  const emitted = 3_000; // Over 6 MB, more than waits for one subscriber.
  for (let sent = 0; sent < emitted; sent += 250) {
    await Promise.all(Array.from({ length: 250 }, () => node.emit(...greet(text))));
    await vi.waitUntil(() => quick.lines.length >= sent + 250, { timeout: 10_000, interval: 2 });
  }
  slow.socket.resume();
  const count = () =>
    slow.lines.reduce(
      (sum, line) => sum + (line.event === "stream:dropped" ? (line.data["count"] as number) : 1),
      0,
    );
  await vi.waitUntil(() => count() === emitted, { timeout: 10_000, interval: 2 });
  const dropped = slow.lines.filter(({ event }) => event === "stream:dropped");
  expect(dropped).toHaveLength(1);
  const seqs = slow.lines.map(({ data }) => data["seq"]).filter((seq) => seq !== undefined) as number[];
  expect(seqs).toEqual(seqs.toSorted((a, b) => a - b));
});

test("streams of one client are bounded, and are given back when it goes", async () => {
  const { path, ask } = await testControl({ daemon: "hello_greeter" });
  const client = await rawClient(path);
  for (let n = 0; n <= MAX_CLIENT_STREAMS; n++) client.send("signal:subscribe");
  for (let n = 0; n < MAX_CLIENT_STREAMS; n++) expect((await client.next()).error).toBeUndefined();
  expect(await client.next()).toMatchObject({
    error: expect.stringContaining("16 streams already") as unknown,
  });
  client.send("monitor:get_stats");
  await client.next();
  client.socket.destroy();
  await vi.waitUntil(async () => (await ask<{ subscribers: number }>("monitor:get_stats")).subscribers === 0);
  for (let n = 0; n < 20; n++) {
    const other = await rawClient(path);
    for (let m = 0; m < MAX_CLIENT_STREAMS; m++) other.send("signal:subscribe");
    for (let m = 0; m < MAX_CLIENT_STREAMS; m++) await other.next();
    other.socket.destroy();
  }
});

test("the monitor tells what happened lately, filtered, counted, and as it happens", async () => {
  const { path, node, ask } = await testControl({
    daemon: "hello_greeter",
    own: { "hello:fail": () => Promise.reject(new Error("no")) },
  });
  const watcher = await rawClient(path);
  watcher.send("monitor:subscribe", { events: ["hello:*"] });
  await watcher.next();
  const { id } = await node.emit(...greet("Hello"));
  await expect(ask("hello:fail")).rejects.toThrow("no");
  expect(await watcher.next()).toMatchObject({
    event: "monitor:event",
    data: { kind: "control", name: "hello:fail", outcome: "failed", code: null },
  });
  expect(await ask("monitor:get_events", { signal: "Q_*" })).toMatchObject([
    { kind: "emitted", name: "Q_GREETING_SENT", id },
  ]);
  const [failed] = await ask<{ n: number; timestamp: number }[]>("monitor:get_events", { event: "hello:*" });
  expect(await ask("monitor:get_events", { after: failed!.n, kinds: ["emitted"] })).toEqual([]);
  expect(await ask("monitor:get_events", { since: failed!.timestamp + 1e6 })).toEqual([]);
  expect(await ask("monitor:get_events", { limit: 1 })).toHaveLength(1);
  expect(await ask("monitor:get_stats")).toMatchObject({
    by_name: { "hello:fail": { failed: 1 }, Q_GREETING_SENT: { emitted: 1 } },
    subscribers: 1,
  });
  expect(await ask("monitor:clear_log")).toMatchObject({
    cleared: expect.any(Number) as unknown,
  });
  expect(await ask("monitor:get_events", { kinds: ["emitted"] })).toEqual([]);
});
