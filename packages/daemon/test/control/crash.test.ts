/** kill -9 in the middle of thousands of pushes, pops, sets and pauses of a real daemon. */
import { once } from "node:events";
import { createConnection, type Socket } from "node:net";
import { join } from "node:path";
import { expect, test, vi } from "vitest";
import { newHome, startDaemon, type DaemonProcess } from "../lifecycle/daemon-process.ts";

const Q = { namespace: "jobs", queue_name: "todo" };

interface Reply {
  readonly correlation_id: string;
  readonly error?: string;
  readonly data: { readonly found?: boolean; readonly value?: unknown; readonly length?: number };
}

/** One connection that hears every answer until the daemon dies. */
async function connect(
  home: string,
): Promise<{ socket: Socket; replies: Reply[]; send(id: string, event: string, data: object): void }> {
  const socket = createConnection(join(home, "run", "hello_guest.sock"));
  socket.on("error", () => undefined);
  await once(socket, "connect");
  const replies: Reply[] = [];
  let rest = "";
  socket.setEncoding("utf8").on("data", (chunk: string) => {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    for (const part of parts) replies.push(JSON.parse(part) as Reply);
  });
  return {
    socket,
    replies,
    send: (correlation_id, event, data) =>
      void socket.write(`${JSON.stringify({ event, data, correlation_id })}\n`),
  };
}

async function start(home: string): Promise<DaemonProcess> {
  const daemon = startDaemon("guest", { home });
  await daemon.logged("Ready");
  return daemon;
}

async function kill(daemon: DaemonProcess): Promise<void> {
  daemon.child.kill("SIGKILL");
  await daemon.exit;
}

test("what was pushed and answered is there, what was popped and answered never comes again, and a pop asked for again gives the same", async () => {
  const home = newHome();
  const pushed = new Set<number>();
  const popped = new Map<number, string>();
  const asked: string[] = [];
  let next = 0;
  for (let life = 0; life < 3; life++) {
    const daemon = await start(home);
    const client = await connect(home);
    // Answers that the crash before took along are asked for again, by their request_id.
    for (const id of asked) client.send(id, ...request(id));
    const killAt = 200 + life * 150;
    for (let n = 0; n < 500; n++) {
      const id = `push-${next++}`;
      client.send(id, ...request(id));
      asked.push(id);
      if (n % 2 === 1) {
        const take = `pop-${life}-${n}`;
        client.send(take, ...request(take));
        asked.push(take);
      }
    }
    await vi.waitUntil(() => client.replies.length >= killAt, { timeout: 20_000, interval: 1 });
    await kill(daemon);
    await vi.waitUntil(() => client.socket.destroyed, { timeout: 5_000 });
    note(client.replies);
  }
  const daemon = await start(home);
  const client = await connect(home);
  for (const id of asked) client.send(id, ...request(id));
  await vi.waitUntil(() => client.replies.length >= asked.length, { timeout: 30_000, interval: 5 });
  note(client.replies);
  const { length } = await daemon.ask<{ length: number }>("async_state:queue_length", Q);
  client.replies.length = 0;
  for (let n = 0; n < length; n++) client.send(`rest-${n}`, "async_state:pop", Q);
  await vi.waitUntil(() => client.replies.length >= length, { timeout: 30_000, interval: 5 });
  const rest = client.replies.map(({ data }) => data.value as number);
  expect(asked).toEqual([]);
  expect(pushed.size).toBe(next);
  const all = [...popped.keys(), ...rest];
  expect(new Set(all).size).toBe(all.length); // Nothing twice …
  expect(all.toSorted((a, b) => a - b)).toEqual(Array.from({ length: next }, (_, n) => n)); // … and nothing lost.

  function request(id: string): [string, object] {
    const n = Number(id.slice(5));
    if (id.startsWith("push")) return ["async_state:push", { ...Q, value: n, request_id: id }];
    return ["async_state:pop", { ...Q, request_id: id }];
  }
  function note(replies: Reply[]): void {
    for (const { correlation_id: id, error, data } of replies) {
      expect(error).toBeUndefined();
      asked.splice(asked.indexOf(id), asked.includes(id) ? 1 : 0);
      if (id.startsWith("push")) pushed.add(Number(id.slice(5)));
      else if (data.found === true) {
        const by = popped.get(data.value as number);
        expect(by ?? id).toBe(id);
        popped.set(data.value as number, id);
      }
    }
  }
}, 60_000);

test("what was set, paused and saved is as it was answered after kill -9", async () => {
  const home = newHome();
  const first = await start(home);
  await first.ask("signal:pause", { signal: "Q_GREETING_SENT" });
  await kill(first);
  const second = await start(home);
  expect(await second.ask("system:health")).toMatchObject({
    paused: [{ signal: "Q_GREETING_SENT", until: null }],
    status: expect.stringContaining("paused by hand: Q_GREETING_SENT") as unknown,
  });
  const client = await connect(home);
  for (let n = 0; n < 500; n++) client.send(String(n), "state:set", { key: "n", value: n });
  await vi.waitUntil(() => client.replies.length > 100, { timeout: 20_000, interval: 1 });
  await kill(second);
  await vi.waitUntil(() => client.socket.destroyed, { timeout: 5_000 });
  const third = await start(home);
  const { value } = await third.ask<{ value: number }>("state:get", { key: "n" });
  expect(value).toBeGreaterThanOrEqual(client.replies.length - 1);
  await third.ask("signal:resume", { signal: "Q_GREETING_SENT" });
  await kill(third);
  const fourth = await start(home);
  expect(await fourth.ask("system:health")).toMatchObject({ paused: [] });
}, 60_000);

test("where file descriptors are rare, clients never take the daemon's own", async () => {
  const home = newHome();
  const daemon = startDaemon("guest", { home, prefix: ["prlimit", "--nofile=96:96"] });
  await daemon.logged("Ready");
  const path = join(home, "run", "hello_guest.sock");
  const sockets = Array.from({ length: 200 }, () =>
    createConnection(path)
      .on("error", () => undefined)
      .resume(),
  );
  await vi.waitUntil(() => sockets.filter((socket) => socket.closed || socket.readableEnded).length >= 184, {
    timeout: 10_000,
  });
  expect(await daemon.ask("system:health")).toMatchObject({ state: "ready" });
  expect(await daemon.ask("state:set", { key: "k", value: 1 })).toMatchObject({ created: true });
  for (const socket of sockets) socket.destroy();
}, 60_000);
