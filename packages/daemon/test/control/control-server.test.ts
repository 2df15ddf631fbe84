import { existsSync, mkdtempSync, statSync, writeFileSync } from "node:fs";
import { createConnection, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { askDaemon, DaemonUnreachableError, EventError } from "@kloros/client";
import { expect, onTestFinished, test, vi } from "vitest";
import { type Answer, MAX_UNREAD_CHARACTERS } from "../../src/control/connection.ts";
import { MAX_PENDING_REQUESTS } from "../../src/control/request-gate.ts";
import { openControlServer } from "../../src/control/control-server.ts";
import { MAX_CONNECTIONS } from "../../src/control/places.ts";
import { LineSplitter } from "@kloros/client";

const echo: Answer = ({ data }) => data;

async function serve(answer: Answer = echo): Promise<string> {
  const path = join(mkdtempSync(join(tmpdir(), "kloros-control-")), "d.sock");
  const server = await openControlServer(path, answer);
  onTestFinished(() => server.close());
  return path;
}

interface Client {
  readonly socket: Socket;
  send(text: string): void;
  /** The next reply. */
  reply(): Promise<Record<string, unknown>>;
}

async function connect(path: string): Promise<Client> {
  const socket = createConnection(path);
  onTestFinished(() => void socket.destroy());
  socket.on("error", () => undefined);
  const replies: Record<string, unknown>[] = [];
  const splitter = new LineSplitter(64 * 1024 * 1024);
  socket.on("data", (chunk: Buffer) => {
    for (const split of splitter.push(chunk)) if (split.kind === "line") replies.push(JSON.parse(split.text));
  });
  await new Promise((resolve) => socket.once("connect", resolve));
  return {
    socket,
    send: (text) => void socket.write(text),
    reply: async () => {
      await vi.waitUntil(() => replies.length > 0, { timeout: 5_000, interval: 2 });
      return replies.shift()!;
    },
  };
}

function connectMany(path: string, count: number): Promise<Client[]> {
  return Promise.all(Array.from({ length: count }, () => connect(path)));
}

test("a request is answered in the documented form, one result as an object, many as an array", async () => {
  const path = await serve();
  const client = await connect(path);
  client.send('{"event":"a:b","data":{"x":1},"correlation_id":"c1"}\n');
  expect(await client.reply()).toEqual({
    event: "a:b",
    data: { x: 1 },
    count: 1,
    correlation_id: "c1",
    timestamp: expect.closeTo(Date.now() / 1000, -1),
  });
  client.send('{"event":"a:b","data":[1,2,3]}\n{"event":"a:b"}\n');
  expect(await client.reply()).toMatchObject({ data: [1, 2, 3], count: 3, correlation_id: null });
  expect(await client.reply()).toMatchObject({ data: null, count: 0 });
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test("requests of one connection run concurrently: a slow one does not hold up the next", async () => {
  const slow = withResolvers<string>();
  const client = await connect(await serve(({ event }) => (event === "slow" ? slow.promise : "fast")));
  client.send('{"event":"slow"}\n{"event":"fast"}\n');
  expect(await client.reply()).toMatchObject({ event: "fast", data: "fast" });
  slow.resolve("done");
  expect(await client.reply()).toMatchObject({ event: "slow", data: "done" });
});

test.each([
  ["not json", "no JSON"],
  ["[1]", "must be an object"],
  ['{"data":1}', "member event"],
  ['{"event":""}', "member event"],
  ['{"event":"x","correlation_id":5}', "correlation_id must be a string"],
  ["\u0000\u0001\ufffd", "no JSON"],
])("a bad line is answered with an error, and the next one is served (%#)", async (line, error) => {
  const client = await connect(await serve());
  client.send(`${line}\n{"event":"ok","data":1}\n`);
  expect(await client.reply()).toMatchObject({
    error: expect.stringContaining(error),
    code: "E_CONTROL_REQUEST",
  });
  expect(await client.reply()).toMatchObject({ event: "ok", data: 1 });
});

test("a line of 10 MB gets one error, costs no memory, and the next line is served", async () => {
  const client = await connect(await serve());
  client.send(`"${"x".repeat(10 * 1024 * 1024)}"\n{"event":"ok"}\n`);
  expect(await client.reply()).toMatchObject({ error: expect.stringContaining("longer than 1048576 bytes") });
  expect(await client.reply()).toMatchObject({ event: "ok" });
});

test("an error of a handler is the answer, with its code; what JSON cannot say is an error too", async () => {
  const client = await connect(
    await serve(({ event }) => {
      if (event === "bigint") return 5n;
      throw Object.assign(new Error("no such thing"), { code: "E_NONE" });
    }),
  );
  client.send('{"event":"x","correlation_id":"c"}\n{"event":"bigint"}\n');
  expect(await client.reply()).toMatchObject({
    event: "x",
    error: "no such thing",
    code: "E_NONE",
    correlation_id: "c",
  });
  expect(await client.reply()).toMatchObject({
    event: "bigint",
    error: expect.stringContaining("cannot be written as JSON"),
  });
});

test("more requests at once than run together wait for their turn; none is refused", async () => {
  const gate = withResolvers<string>();
  let running = 0;
  const client = await connect(
    await serve(() => {
      running++;
      return gate.promise;
    }),
  );
  const requests = 3 * MAX_PENDING_REQUESTS;
  client.send('{"event":"x"}\n'.repeat(requests));
  await vi.waitUntil(() => running === MAX_PENDING_REQUESTS, { timeout: 5_000 });
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  expect(running).toBe(MAX_PENDING_REQUESTS);
  gate.resolve("done");
  for (let n = 0; n < requests; n++) expect(await client.reply()).toMatchObject({ data: "done" });
});

test("connections are bounded; when places are rare the longest idle client makes room", async () => {
  const path = await serve();
  const clients = await connectMany(path, MAX_CONNECTIONS);
  clients[0]!.send('{"event":"x"}\n'); // Not the longest idle one any more.
  expect(await clients[0]!.reply()).toMatchObject({ event: "x" });
  expect(await askDaemon(path, "x", { still: "here" })).toEqual({ still: "here" });
  const isOpen = ({ socket }: Client) => !socket.destroyed && !socket.readableEnded;
  await vi.waitUntil(() => clients.filter(isOpen).length === MAX_CONNECTIONS - 1, { timeout: 5_000 });
  expect(isOpen(clients[0]!)).toBe(true);
});

test("when all places are busy a newcomer is told so", async () => {
  const gate = withResolvers<string>();
  let running = 0;
  const path = await serve(() => {
    running++;
    return gate.promise;
  });
  const clients = await connectMany(path, MAX_CONNECTIONS);
  for (const client of clients) client.send('{"event":"x"}\n');
  await vi.waitUntil(() => running === MAX_CONNECTIONS, { timeout: 5_000 });
  const newcomer = await connect(path);
  expect(await newcomer.reply()).toMatchObject({ code: "E_TOO_MANY_CONNECTIONS" });
  gate.resolve("done");
  expect(await clients[0]!.reply()).toMatchObject({ data: "done" });
});

test("a client that does not read its answers is not worked for, and gets them all when it reads", async () => {
  const big = "y".repeat(64 * 1024);
  let answered = 0;
  const path = await serve(() => {
    answered++;
    return big;
  });
  const socket = createConnection(path).pause();
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.on("error", () => undefined);
  const requests = 500;
  socket.write('{"event":"x"}\n'.repeat(requests));
  let [before, unchanged] = [0, 0];
  const isAtRest = () => {
    unchanged = answered > 2 && answered === before ? unchanged + 1 : 0;
    before = answered;
    return unchanged === 40;
  };
  await vi.waitUntil(isAtRest, { timeout: 10_000, interval: 5 });
  expect(answered).toBeLessThan(20);
  let lines = 0;
  socket.on("data", (chunk: Buffer) => (lines += chunk.toString().split("\n").length - 1));
  socket.resume();
  await vi.waitUntil(() => lines === requests, { timeout: 10_000 });
});

test("a client that asks for more at once than may wait for it is disconnected", async () => {
  const gate = withResolvers<string>();
  const path = await serve(() => gate.promise);
  const socket = createConnection(path).pause();
  await new Promise((resolve) => socket.once("connect", resolve));
  socket.on("error", () => undefined);
  socket.write('{"event":"x"}\n'.repeat(MAX_PENDING_REQUESTS));
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  gate.resolve("y".repeat(1024 * 1024));
  let receivedBytes = 0;
  socket.on("data", (chunk: Buffer) => (receivedBytes += chunk.length));
  const closed = new Promise((resolve) => socket.once("close", resolve));
  socket.resume();
  await closed;
  expect(receivedBytes).toBeLessThan(MAX_UNREAD_CHARACTERS);
});

test("a client that closes its side right after asking still gets its answer, also without a last newline", async () => {
  const path = await serve(async ({ data }) => {
    await new Promise((resolve) => setTimeout(resolve, 20));
    return data;
  });
  const socket = createConnection({ path, allowHalfOpen: true });
  onTestFinished(() => void socket.destroy());
  let received = "";
  socket.on("data", (chunk: Buffer) => (received += chunk.toString()));
  const ended = new Promise((resolve) => socket.once("end", resolve));
  socket.end('{"event":"a","data":1}\n{"event":"b","data":2}');
  await ended;
  expect(
    received
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line)),
  ).toMatchObject([
    { event: "a", data: 1 },
    { event: "b", data: 2 },
  ]);
});

test("a line that is left unfinished ends the connection after its deadline", async () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
  onTestFinished(() => void vi.useRealTimers());
  const path = await serve();
  const socket = createConnection(path);
  await new Promise((resolve) => socket.once("connect", resolve));
  let received = "";
  socket.on("data", (chunk: Buffer) => (received += chunk.toString()));
  const ended = new Promise((resolve) => socket.once("end", resolve));
  socket.write('{"event":');
  for (let turn = 0; turn < 50; turn++) await new Promise(setImmediate);
  vi.advanceTimersByTime(10_001);
  await ended;
  expect(JSON.parse(received)).toMatchObject({ error: expect.stringContaining("not finished within") });
});

test("a socket file left by a dead process is replaced, and removed at the end", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "kloros-control-")), "d.sock");
  writeFileSync(path, "stale");
  const server = await openControlServer(path, echo);
  expect(await askDaemon(path, "x", 1)).toBe(1);
  await server.close();
  expect(existsSync(path)).toBe(false);
});

test("closing does not wait for clients that hang", async () => {
  const path = join(mkdtempSync(join(tmpdir(), "kloros-control-")), "d.sock");
  const server = await openControlServer(path, () => new Promise(() => undefined));
  const client = await connect(path);
  client.send('{"event":"x"}\n');
  await server.close();
  await vi.waitUntil(() => client.socket.readableEnded || client.socket.destroyed);
});

test("asking tells apart: nobody there, no answer in time, an error as answer", async () => {
  await expect(askDaemon("/nowhere/d.sock", "x")).rejects.toThrow(DaemonUnreachableError);
  const path = await serve(({ event }) =>
    event === "hang" ? new Promise(() => undefined) : Promise.reject(new Error("no")),
  );
  await expect(askDaemon(path, "hang", {}, { timeoutMs: 30 })).rejects.toThrow(/waited 30 ms/);
  await expect(askDaemon(path, "x")).rejects.toThrow(EventError);
});

function withResolvers<T>(): { promise: Promise<T>; resolve: (value: T) => void } {
  let resolve!: (value: T) => void;
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
