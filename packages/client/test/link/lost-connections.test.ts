import { setTimeout as sleep } from "node:timers/promises";
import {
  ClientClosedError,
  connect,
  ConnectionLostError,
  DaemonUnreachableError,
  TooManyRequestsError,
} from "@kloros/client";
import fc from "fast-check";
import { expect, onTestFinished, test, vi } from "vitest";
import { backoffMs } from "../../src/link/backoff.ts";
import { type FakeAnswer, fakeDaemon, SILENCE } from "../fake-daemon.ts";

async function connected(answer: FakeAnswer, reconnect: boolean | { deadlineMs: number } = true) {
  const daemon = await fakeDaemon(answer);
  const client = await connect({ home: daemon.home, daemon: daemon.name, reconnect });
  onTestFinished(() => client.close());
  return { daemon, client };
}

test("a daemon that is not there is told at once, with the way to start it", async () => {
  const missing = connect({ socketPath: "/nowhere/run/intent_router.sock" });
  await expect(missing).rejects.toThrow(DaemonUnreachableError);
  await expect(missing).rejects.toThrow(/ENOENT.*kloros start intent_router/);
});

test("a request in flight when the connection breaks is not sent again: it may have been carried out", async () => {
  const { daemon, client } = await connected(({ event }, socket) => {
    if (event === "change") socket.destroy();
    return event === "change" ? SILENCE : "ok";
  });
  const lost = await client.send("change").catch((error: unknown) => error);
  expect(lost).toBeInstanceOf(ConnectionLostError);
  expect(lost).toMatchObject({ mayHaveBeenCarriedOut: true, event: "change", daemon: "fake_daemon" });
  expect(await client.send("another")).toBe("ok");
  expect(daemon.asked("change")).toHaveLength(1);
});

test.each([
  ["a read", "system:health", {}],
  ["a request with a request_id", "async_state:pop", { request_id: "r1" }],
  ["an emit with an id", "signal:emit", { signal: "Q_A_B", facts: {}, id: "i" }],
])("%s is sent again over the next connection", async (_, event, data) => {
  let broken = 0;
  const { daemon, client } = await connected((_request, socket) => {
    if (++broken > 2) return { fine: true };
    socket.destroy();
    return SILENCE;
  });
  expect(await client.send(event, data)).toEqual({ fine: true });
  expect(daemon.asked(event)).toHaveLength(3);
  expect(daemon.connections).toBe(3);
});

test("a request that always breaks the connection is sent a bounded number of times", async () => {
  const { daemon, client } = await connected((_request, socket) => {
    socket.destroy();
    return SILENCE;
  });
  await expect(client.send("system:health", {}, { timeoutMs: 20_000 })).rejects.toThrow(ConnectionLostError);
  expect(daemon.asked("system:health")).toHaveLength(6);
});

test("a daemon that restarts is waited for within the request's time", async () => {
  const { daemon, client } = await connected(() => "ok");
  expect(await client.send("x")).toBe("ok");
  await daemon.crash();
  const waiting = client.send("x");
  await sleep(150);
  await daemon.start();
  expect(await waiting).toBe("ok");
  await daemon.crash();
  await expect(client.send("x", {}, { timeoutMs: 100 })).rejects.toThrow(
    /waited 100 ms; ECONNREFUSED|ENOENT/,
  );
});

test("past the deadline of reconnecting, or without it, a daemon that went away is told at once", async () => {
  for (const reconnect of [false, { deadlineMs: 1 }]) {
    const { daemon, client } = await connected(() => "ok", reconnect);
    expect(await client.send("x")).toBe("ok");
    await daemon.crash();
    await sleep(5);
    await expect(client.send("x", {}, { timeoutMs: 60_000 })).rejects.toThrow(DaemonUnreachableError);
    await daemon.start();
    expect(await client.send("x")).toBe("ok");
  }
});

test("a daemon without room is asked again, and nothing of it is lost or doubled", async () => {
  const daemon = await fakeDaemon(() => "ok");
  let turned = 0;
  daemon.onConnection = (socket) => {
    if (++turned > 3) return false;
    const line = { event: "", error: "too many", code: "E_TOO_MANY_CONNECTIONS", correlation_id: null };
    socket.end(`${JSON.stringify(line)}\n`);
    socket.resume();
    return true;
  };
  const client = await connect({ socketPath: daemon.socketPath });
  onTestFinished(() => client.close());
  expect(await client.send("change")).toBe("ok");
  expect(daemon.asked("change")).toHaveLength(1);
  expect(daemon.connections).toBe(4);
});

test("at most 64 requests run at once, a thousand wait, and one more is refused unsent", async () => {
  const gate: ((value: string) => void)[] = [];
  let running = 0;
  let most = 0;
  const { daemon, client } = await connected(async () => {
    most = Math.max(most, ++running);
    await new Promise<string>((resolve) => gate.push(resolve));
    running--;
    return "ok";
  });
  const answers = Array.from({ length: 64 + 1024 }, () => client.send("x", {}, { timeoutMs: 30_000 }));
  await expect(client.send("x")).rejects.toThrow(TooManyRequestsError);
  const opener = setInterval(() => gate.splice(0).forEach((open) => open("go")), 1);
  onTestFinished(() => clearInterval(opener));
  expect(new Set(await Promise.all(answers))).toEqual(new Set(["ok"]));
  expect(daemon.requests).toHaveLength(64 + 1024);
  expect(most).toBe(64);
});

test("closing fails what is unanswered, and later requests say that the client is closed", async () => {
  const { client } = await connected(() => SILENCE);
  const unanswered = client.send("x");
  await vi.waitFor(() => expect(client).toBeDefined());
  client.close();
  await expect(unanswered).rejects.toThrow("this client was closed");
  await expect(client.send("x")).rejects.toThrow(ClientClosedError);
});

test("a daemon that talks garbage is left, and what it had been asked is told", async () => {
  const { client } = await connected((_request, socket) => {
    socket.write("this is no reply\n");
    return SILENCE;
  });
  await expect(client.send("x")).rejects.toThrow("a line that is no reply");
});

test("pauses between attempts double, are bounded, and differ", () => {
  fc.assert(
    fc.property(fc.nat(100), fc.double({ min: 0, max: 1, noNaN: true }), (attempt, random) => {
      const pause = backoffMs(attempt, random);
      expect(pause).toBeGreaterThanOrEqual(Math.min(2_000, 50 * 2 ** attempt) / 2);
      expect(pause).toBeLessThanOrEqual(Math.min(2_000, 50 * 2 ** attempt));
    }),
  );
});

test("a daemon that is still starting is asked again until it is ready, streams too", async () => {
  let asked = 0;
  const starting = Object.assign(new Error("still starting"), { code: "E_DAEMON_NOT_READY" });
  const { client } = await connected(({ event }) => {
    if (++asked <= 3) return starting;
    return event === "signal:subscribe" ? { subscription: "s" } : "ok";
  });
  expect(await client.send("x")).toBe("ok");
  asked = 0;
  await client.subscribe().ready;
  asked = -1_000;
  await expect(client.send("x", {}, { timeoutMs: 250 })).rejects.toThrow("still starting");
});
