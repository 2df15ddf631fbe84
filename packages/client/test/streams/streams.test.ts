import { connect, DaemonUnreachableError, EventError, type Stream } from "@kloros/client";
import { expect, onTestFinished, test, vi } from "vitest";
import { ItemBuffer } from "../../src/streams/item-buffer.ts";
import { type FakeDaemon, fakeDaemon } from "../fake-daemon.ts";

const PATIENCE = { timeout: 5_000, interval: 2 };

/** A daemon whose streams are called s1, s2, … in the order in which they were begun. */
async function streaming(reconnect: boolean | { deadlineMs: number } = true) {
  let begun = 0;
  const daemon = await fakeDaemon(({ event }) =>
    event.endsWith("subscribe") || event.endsWith("register")
      ? { subscription: `s${++begun}` }
      : { fine: true },
  );
  const client = await connect({ home: daemon.home, daemon: daemon.name, reconnect });
  onTestFinished(() => client.close());
  return { daemon, client };
}

const emitted = (subscription: string, n: number) => ({
  event: "signal:emitted",
  data: { signal: "Q_A_B", n },
  subscription,
});

async function take<T>(stream: Stream<T>, count: number): Promise<T[]> {
  const iterator = stream[Symbol.asyncIterator]();
  const taken: T[] = [];
  while (taken.length < count) {
    const { done, value } = await iterator.next();
    if (done === true) break;
    taken.push(value);
  }
  return taken;
}

test("signals come as they pass, with what was asked for told to the daemon", async () => {
  const { daemon, client } = await streaming();
  const stream = client.subscribe({ signals: ["Q_A_*"], kinds: ["emitted", "received"], facts: false });
  await stream.ready;
  expect(daemon.asked("signal:subscribe")[0]?.data).toEqual({
    signals: ["Q_A_*"],
    kinds: ["emitted", "received"],
    facts: false,
  });
  daemon.say(emitted("s1", 1));
  daemon.say({ event: "signal:received", data: { signal: "Q_C_D" }, subscription: "s1" });
  expect(await take(stream, 2)).toEqual([
    { kind: "emitted", daemon: "fake_daemon", signal: { signal: "Q_A_B", n: 1 } },
    { kind: "received", daemon: "fake_daemon", signal: { signal: "Q_C_D" } },
  ]);
});

test("leaving the loop ends the subscription at the daemon, and the connection goes on", async () => {
  const { daemon, client } = await streaming();
  const stream = client.subscribe();
  await stream.ready;
  daemon.say(emitted("s1", 1));
  for await (const item of stream) {
    expect(item.kind).toBe("emitted");
    break;
  }
  await vi.waitFor(
    () => expect(daemon.asked("signal:unsubscribe")[0]?.data).toEqual({ subscription: "s1" }),
    PATIENCE,
  );
  expect(await client.send("x")).toEqual({ fine: true });
  expect(daemon.connections).toBe(1);
});

test("what the daemon dropped is told in its place", async () => {
  const { daemon, client } = await streaming();
  const stream = client.subscribe();
  await stream.ready;
  daemon.say(emitted("s1", 1));
  daemon.say({ event: "stream:dropped", data: { count: 12 }, subscription: "s1" });
  expect((await take(stream, 2))[1]).toEqual({
    kind: "missed",
    daemon: "fake_daemon",
    gap: false,
    dropped: 12,
  });
});

test("a reader that is too slow loses the newest, is told how many, and then goes on", async () => {
  const { daemon, client } = await streaming();
  const stream = client.subscribe({ bufferItems: 2 });
  await stream.ready;
  for (let n = 1; n <= 5; n++) daemon.say(emitted("s1", n));
  await client.send("x"); // Answered after the lines: they have come.
  const items = await take(stream, 3);
  expect(items[2]).toEqual({ kind: "missed", daemon: "fake_daemon", gap: false, dropped: 3 });
  daemon.say(emitted("s1", 6));
  expect(await take(stream, 1)).toMatchObject([{ kind: "emitted", signal: { n: 6 } }]);
});

test("after a lost connection the stream goes on and says that something is missing", async () => {
  const { daemon, client } = await streaming();
  const stream = client.subscribe({ signals: ["Q_A_B"] });
  await stream.ready;
  daemon.say(emitted("s1", 1));
  expect(await take(stream, 1)).toMatchObject([{ signal: { n: 1 } }]);
  daemon.breakConnections();
  await vi.waitFor(() => expect(daemon.asked("signal:subscribe")).toHaveLength(2), PATIENCE);
  await client.send("x");
  daemon.say(emitted("s1", 2)); // Of the old subscription: nobody's.
  daemon.say(emitted("s2", 3));
  expect(await take(stream, 2)).toMatchObject([
    { kind: "missed", gap: true, dropped: null },
    { signal: { n: 3 } },
  ]);
});

test("a stream ends with an error when the daemon refuses it, or does not come back in time", async () => {
  const { daemon, client } = await streaming({ deadlineMs: 100 });
  daemon.answer = () => new Error("signals: Q_NOPE has no contract");
  const refused = client.subscribe({ signals: ["Q_NOPE"] });
  await expect(refused.ready).rejects.toThrow(EventError);
  await expect(take(refused, 1)).rejects.toThrow("Q_NOPE has no contract");
  daemon.answer = () => ({ subscription: "s" });
  const stream = client.subscribe();
  await stream.ready;
  await daemon.crash();
  await expect(take(stream, 1)).rejects.toThrow(DaemonUnreachableError);
  expect(await take(stream, 1)).toEqual([]);
});

test("an abort ends a stream with its reason; closing the client ends it too", async () => {
  const { client } = await streaming();
  const abort = new AbortController();
  const stream = client.stream("monitor:subscribe", {}, { signal: abort.signal });
  await stream.ready;
  abort.abort(new Error("enough"));
  await expect(take(stream, 1)).rejects.toThrow("enough");
  const other = client.subscribe();
  await other.ready;
  client.close();
  await expect(take(other, 1)).rejects.toThrow("is closed");
});

test("a stream that is closed before it began leaves no subscription at the daemon", async () => {
  const { daemon, client } = await streaming();
  const stream = client.subscribe();
  stream.close();
  await client.send("x");
  await vi.waitFor(() => expect(daemon.asked("signal:unsubscribe")).toHaveLength(1), PATIENCE);
  expect(await take(stream, 1)).toEqual([]);
});

test("a service that takes part in a stop is told, waited for, and registered again with a new process", async () => {
  const { daemon, client } = await streaming();
  const done: string[] = [];
  const registration = await client.onShutdown(
    "indexer",
    async ({ reason, deadlineSeconds }) => {
      await Promise.resolve();
      done.push(`${reason} ${String(deadlineSeconds)}`);
    },
    { withinSeconds: 3 },
  );
  expect(daemon.asked("shutdown:register")[0]?.data).toEqual({ service: "indexer", within_s: 3 });
  daemon.say({ event: "shutdown:begin", data: { reason: "SIGTERM", deadline_s: 3 }, subscription: "s1" });
  await vi.waitFor(
    () => expect(daemon.asked("shutdown:acknowledge")[0]?.data).toEqual({ service: "indexer" }),
    PATIENCE,
  );
  expect(done).toEqual(["SIGTERM 3"]);
  await restart(daemon);
  await vi.waitFor(() => expect(daemon.asked("shutdown:register")).toHaveLength(2), PATIENCE);
  registration.close();
});

test("a service whose handler fails is not acknowledged, and that is told", async () => {
  const { daemon, client } = await streaming();
  const failures: string[] = [];
  await client.onShutdown("indexer", () => Promise.reject(new Error("disk on fire")), {
    onFailure: ({ message }) => failures.push(message),
  });
  daemon.say({ event: "shutdown:begin", data: {}, subscription: "s1" });
  await vi.waitFor(() => expect(failures).toEqual([expect.stringContaining("disk on fire")]), PATIENCE);
  expect(daemon.asked("shutdown:acknowledge")).toHaveLength(0);
});

test("a buffer tells each daemon's losses apart", async () => {
  const buffer = new ItemBuffer<string>(2, (daemon, dropped) => `${daemon} lost ${dropped}`);
  for (const [daemon, item] of [
    ["a", "a1"],
    ["a", "a2"],
    ["a", "a3"],
    ["b", "b1"],
  ] as const)
    buffer.push(daemon, item);
  const items = [];
  for (let n = 0; n < 4; n++) items.push(await buffer.next());
  expect(items).toEqual(["a1", "a2", "a lost 1", "b lost 1"]);
});

async function restart(daemon: FakeDaemon): Promise<void> {
  await daemon.crash();
  await daemon.start();
}
