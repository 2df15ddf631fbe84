/** Whatever arrives on a socket: the node survives, counts it, and the next good signal is handled (design §5.2). */
import { randomBytes } from "node:crypto";
import { connect } from "node:net";
import { describe, expect, it, onTestFinished } from "vitest";
import { Dealer, Push, Router, XPublisher, XSubscriber } from "zeromq";
import type { Node } from "../../src/node/api.ts";
import { encode, HEARTBEAT_TOPIC } from "../../src/protocol/wire.ts";
import { serializeEnvelope } from "../../src/signal/serialize-envelope.ts";
import { ipcAddresses } from "../../src/transport/addresses.ts";
import { ipcBackend } from "../mesh/backend.ts";
import { eventually } from "../mesh/eventually.ts";
import { countEffect, expectEffectsOnce, testMesh, type TestMesh } from "../mesh/test-mesh.ts";

/** More than the largest frame that a node takes with the default limits. */
const OVERSIZED_BYTES = 8 * 1024 * 1024;

describe("an emitter whose sockets get garbage", () => {
  it("drops and counts what is no request", async () => {
    const mesh = await testMesh(ipcBackend);
    const left = await mesh.open("left");
    const right = await mesh.open("right", { Q_TEST_PING: countEffect });
    const dealer = closing(new Dealer({ linger: 0 }));
    dealer.connect(ipcAddresses(mesh.home)("left").ledger);
    const hello = {
      t: "hello",
      v: 1,
      consumer: "stranger",
      names: { Q_TEST_PING: "x" },
      epoch: null,
      cursors: {},
    };
    const bad: (Buffer | string)[][] = [
      [randomBytes(500)],
      [""],
      ["{}"],
      ["[]", "{}"],
      [JSON.stringify({ ...hello, v: 99 })],
      [JSON.stringify({ ...hello, cursors: { Q_TEST_PING: -5 } })],
      [JSON.stringify(hello), "a second frame"],
      [JSON.stringify({ t: "fetch", req: 1, consumer: "x", epoch: "e", after: {}, room: {}, from: "1" })],
      ["[".repeat(100_000)],
      Array.from({ length: 50 }, () => "frame"),
    ];
    for (const frames of bad) await dealer.send(frames);
    // Well formed and senseless: answered, or passed over in silence.
    const { epoch } = left.stats();
    const fetch = {
      t: "fetch",
      req: 1,
      consumer: "x",
      epoch,
      after: { Q_NO_SUCH: 0, __proto__: 1 },
      room: {},
      from: 10 ** 15,
    };
    for (const message of [
      hello,
      fetch,
      { ...fetch, epoch: "another" },
      { t: "ack", consumer: "x", epoch, cursors: { constructor: 9 } },
    ])
      await dealer.send(JSON.stringify(message));
    await eventually(
      () => left.stats().droppedFrames >= bad.length,
      () => left.stats(),
    );
    await stillWorks(mesh, left, right, 1);
  });

  it("survives frames that are too large, sockets of the wrong kind, and bytes that are not ZeroMQ", async () => {
    const mesh = await testMesh(ipcBackend);
    const left = await mesh.open("left");
    const right = await mesh.open("right", { Q_TEST_PING: countEffect });
    const { live, ledger } = ipcAddresses(mesh.home)("left");
    const dealer = closing(new Dealer({ linger: 0, sendTimeout: 500 }));
    dealer.connect(ledger);
    await dealer.send(Buffer.alloc(OVERSIZED_BYTES)).catch(() => undefined);
    const upstream = closing(new XSubscriber({ linger: 0, sendTimeout: 500 }));
    upstream.connect(live);
    for (const frame of [
      randomBytes(300),
      Buffer.from([1]),
      Buffer.from([0, 1, 2]),
      Buffer.from("\u0001Q_TEST"),
      Buffer.alloc(0),
    ])
      await upstream.send(frame);
    const push = closing(new Push({ linger: 0, sendTimeout: 100 }));
    push.connect(live);
    await push.send("wrong pattern").catch(() => undefined);
    await Promise.all([live, ledger].map((address) => rawBytes(address.replace("ipc://", ""))));
    await stillWorks(mesh, left, right, 1);
  });
});

describe("a receptor that hears garbage", () => {
  it("drops and counts it, believes no one but the emitter, and handles the emitter's next signal", async () => {
    const mesh = await testMesh(ipcBackend);
    const impostor = await pretendEmitter(mesh, "left");
    const right = await mesh.open("right", { Q_TEST_PING: countEffect });
    await impostor.welcomed;
    const before = right.stats().droppedFrames;
    const good = envelope(1, 0);
    const bad: (Buffer | string)[][] = [
      ["Q_TEST_PING"],
      ["Q_TEST_PING", "", ""],
      ["Q_TEST_PING", randomBytes(300)],
      ["Q_TEST_PING", good.slice(0, -20)],
      ["Q_TEST_PING", envelope(2, 1, { source: "far" })],
      ["Q_TEST_PING", envelope(2, 1, { signal: "Q_TEST_KEYED" })],
      ["Q_TEST_PING", envelope(1, 5)],
      ["Q_TEST_PING", good.replace('"seq":1', '"seq":1e99')],
      ["Q_TEST_PING", "[".repeat(10_000)],
      [HEARTBEAT_TOPIC, randomBytes(50)],
      [HEARTBEAT_TOPIC, JSON.stringify({ emitter: "left", epoch: 7, last: -1, heads: null })],
    ];
    for (const frames of bad) await impostor.live.send(frames);
    // Not even of these names: nobody's business here.
    await impostor.live.send(["Q_TEST_PINGPONG", envelope(1, 0)]);
    await impostor.live.send(["Q_TEST_PING", Buffer.alloc(OVERSIZED_BYTES)]);
    for (const frames of [[randomBytes(20)], [], ["{}", "", ""], ['{"t":"batch","req":1}']])
      await impostor.reply(frames);
    await eventually(
      // Once a gap is known, further live frames are set aside until the ledger has answered.
      () => right.stats().droppedFrames >= before + 6,
      () => right.stats(),
    );
    expect(right.stats().handled).toBe(0);
    await impostor.close();
    const left = await mesh.open("left");
    await stillWorks(mesh, left, right, 1);
  });

  it("whose emitter lies about positions loses nothing that the real journal holds", async () => {
    const mesh = await testMesh(ipcBackend);
    const impostor = await pretendEmitter(mesh, "left");
    const right = await mesh.open("right", { Q_TEST_PING: countEffect });
    await impostor.welcomed;
    await impostor.live.send(["Q_TEST_PING", envelope(2 ** 52, 0)]);
    await eventually(() => right.stats().handled === 1);
    await impostor.live.send([
      HEARTBEAT_TOPIC,
      encode({
        emitter: "left",
        epoch: EPOCH,
        last: 2 ** 53 - 1,
        heads: { Q_TEST_PING: 2 ** 53 - 1 },
        load: {},
      }),
    ]);
    await impostor.close();
    const left = await mesh.open("left");
    await left.emit("Q_TEST_PING", { n: 1 });
    await left.emit("Q_TEST_PING", { n: 2 });
    await eventually(
      () => right.stats().handled === 3,
      () => right.stats(),
    );
    await mesh.settled(right);
  });
});

const EPOCH = "impostor";

function envelope(
  seq: number,
  prev: number,
  changes: Partial<{ source: string; signal: string }> = {},
): string {
  const id = `0190b3c0-aaaa-7bbb-8ccc-${String(seq).padStart(12, "0").slice(-12)}`;
  return `${serializeEnvelope({
    signal: (changes.signal ?? "Q_TEST_PING") as "Q_TEST_PING",
    id,
    timestamp: "2025-11-20T10:00:00.000Z",
    source: changes.source ?? "left",
    facts: { n: 777 },
    version: 1,
    priority: "normal",
    correlation_id: id,
    causation_id: null,
    traceparent: "00-0190b3c0aaaa7bbb8ccc000000000001-8ccc000000000001-01",
    epoch: EPOCH,
    seq,
    prev,
  })}\n`;
}

/** Binds the sockets of a daemon that does not run, and welcomes whoever says hello. */
async function pretendEmitter(mesh: TestMesh, daemon: string) {
  const addresses = ipcAddresses(mesh.home)(daemon);
  const live = new XPublisher({ linger: 200 });
  const ledger = new Router({ linger: 200 });
  await live.bind(addresses.live);
  await ledger.bind(addresses.ledger);
  let peer: Buffer | undefined;
  const welcomed = (async () => {
    await live.receive();
    const [from, request] = await ledger.receive();
    peer = from;
    const names = { Q_TEST_PING: { last: 0, count: 0, pruned: 0 } };
    const { req } = JSON.parse(String(request)) as { req?: number };
    const epochs = [{ epoch: EPOCH, first: 1 }];
    const welcome = { t: "welcome", req, emitter: daemon, epochs, first: 1, last: 0, names, mismatch: [] };
    await ledger.send([from as Buffer, JSON.stringify(welcome)]);
    // Its answer has arrived when a signal of its epoch is looked at; a moment is enough on one machine.
    await new Promise((resolve) => setTimeout(resolve, 100));
  })();
  return {
    live,
    welcomed,
    reply: (frames: (Buffer | string)[]) => ledger.send([peer as Buffer, ...frames]),
    async close() {
      live.close();
      ledger.close();
      await new Promise((resolve) => setTimeout(resolve, 300));
    },
  };
}

async function stillWorks(mesh: TestMesh, left: Node, right: Node, n: number): Promise<void> {
  await left.emit("Q_TEST_PING", { n });
  await eventually(
    () => right.stats().handled === 1,
    () => [left.stats(), right.stats()],
  );
  await mesh.settled(right);
  expectEffectsOnce(right, n, n);
}

function closing<T extends { close(): void }>(socket: T): T {
  onTestFinished(() => {
    socket.close();
  });
  return socket;
}

/** Connects as no ZeroMQ peer would, and talks. */
async function rawBytes(path: string): Promise<void> {
  await new Promise<void>((resolve) => {
    const socket = connect(path, () => {
      socket.end(randomBytes(5_000));
    });
    socket.on("error", () => undefined);
    socket.on("close", () => {
      resolve();
    });
    socket.resume();
    setTimeout(() => socket.destroy(), 300).unref();
  });
}
