/** Healing: what the live wire loses, doubles or mixes up is noticed and fetched (P4, P5). */
import { expect, it } from "vitest";
import type { Backend } from "../mesh/backend.ts";
import { eventually } from "../mesh/eventually.ts";
import { countEffect, expectEffectsOnce, testMesh, type Handle } from "../mesh/test-mesh.ts";
import { DISCONNECTED } from "../../src/testing/index.ts";

const SEED = 20_251_120;

export function healingTests(backend: Backend): void {
  it(`frames lost, doubled and late, answers lost: all is handled once and in order (seed ${String(SEED)})`, async () => {
    const mesh = await testMesh(backend, { ledgerDeadlineMs: 30 }, SEED);
    const order: unknown[] = [];
    mesh.wire.setFaults({
      dropLive: 0.3,
      duplicateLive: 0.3,
      delayLive: 0.3,
      loseRequests: 0.2,
      loseReplies: 0.2,
    });
    const left = await mesh.open("left");
    const right = await mesh.open("right", {
      Q_TEST_PING: (signal, tx) => {
        order.push(signal.facts["n"]);
        return countEffect(signal, tx);
      },
    });
    for (let n = 1; n <= 300; n += 3) await mesh.burst(left, "Q_TEST_PING", n, n + 2);
    await eventually(
      () => right.stats().handled >= 300,
      () => right.stats(),
    );
    expect(order).toEqual(Array.from({ length: 300 }, (_, i) => i + 1));
    expect(mesh.wire.count).toBeGreaterThan(50);
    expect(right.stats().gapsHealed).toBeGreaterThan(0);
    mesh.wire.setFaults({});
    await mesh.settled(right);
    expectEffectsOnce(right, 1, 300);
  });

  it("the last signal of a burst is noticed although its frame was lost", async () => {
    const mesh = await testMesh(backend);
    const left = await mesh.open("left");
    const right = await mesh.open("right", { Q_TEST_PING: countEffect });
    await left.emit("Q_TEST_PING", { n: 1 });
    await eventually(() => right.stats().handled === 1);
    mesh.wire.setFaults({ dropLive: 1 });
    await left.emit("Q_TEST_PING", { n: 2 });
    mesh.wire.setFaults({});
    await eventually(() => right.stats().handled === 2);
    await mesh.settled(right);
  });

  it("a connection that was cut heals by itself", async () => {
    const mesh = await testMesh(backend, { ledgerDeadlineMs: 30 });
    const left = await mesh.open("left");
    const right = await mesh.open("right", { Q_TEST_PING: countEffect });
    await mesh.burst(left, "Q_TEST_PING", 1, 10);
    await eventually(() => right.stats().handled === 10);
    mesh.wire.setFaults(DISCONNECTED);
    await mesh.burst(left, "Q_TEST_PING", 11, 200);
    const until = performance.now() + 200;
    await eventually(() => performance.now() > until);
    expect(right.stats().handled).toBe(10);
    mesh.wire.setFaults({});
    await eventually(() => right.stats().handled === 200);
    await mesh.settled(right);
    expectEffectsOnce(right, 1, 200);
  });

  it("a clock set back by an hour stops nothing: neither fetches, nor hellos, nor deadlines, nor retries", async () => {
    // A frame for each signal: so many losses cannot all be heartbeats, and the first signal is among them.
    const limits = { ledgerDeadlineMs: 30, abortGraceMs: 50, maxFrameSignals: 1 };
    const mesh = await testMesh(backend, limits, SEED);
    let offsetMs = 0;
    let hanging = false;
    const now = () => Date.now() + offsetMs;
    const left = await mesh.open("left", {}, { now });
    const hang: Handle = async (signal, tx) => {
      if (signal.facts["n"] === 22 && tx.attempt === 1) {
        hanging = true;
        await new Promise(() => undefined);
      }
      return countEffect(signal, tx);
    };
    const how = { deadlineMs: 200, retry: { baseDelayMs: 20 } };
    const right = await mesh.open("right", { Q_TEST_PING: [hang, how] }, { now });
    await left.emit("Q_TEST_PING", { n: 1 });
    await eventually(() => right.stats().handled === 1);
    const lost = mesh.wire.count;
    // No answer comes through before the clock is set back, so there is certainly a fetch that waits for one.
    mesh.wire.setFaults({ dropLive: 1, loseReplies: 1 });
    await mesh.burst(left, "Q_TEST_PING", 2, 20);
    await eventually(() => mesh.wire.count >= lost + 19);
    mesh.wire.setFaults({ loseReplies: 1 });
    const unanswered = mesh.wire.count;
    await mesh.burst(left, "Q_TEST_PING", 21, 29);
    // A fetch is on its way whose answer is lost, and only its deadline can tell.
    await eventually(() => mesh.wire.count > unanswered);
    offsetMs = -3_600_000;
    mesh.wire.setFaults({});
    await eventually(() => hanging);
    offsetMs = -7_200_000;
    await left.emit("Q_TEST_PING", { n: 30 });
    await eventually(
      () => right.stats().handled === 30,
      () => right.stats(),
      10_000,
    );
    mesh.wire.setFaults({});
    await mesh.settled(right);
    expectEffectsOnce(right, 1, 30);
  });

  it("an inbox of four holds four, and a thousand signals pass through it in order", async () => {
    const mesh = await testMesh(backend, { maxInboxSignals: 4 });
    const order: unknown[] = [];
    let most = 0;
    const left = await mesh.open("left");
    const right = await mesh.open("right", {
      Q_TEST_PING: () => {
        most = Math.max(most, right.stats().inbox + right.stats().inFlight);
      },
      Q_TEST_KEYED: (signal) => void order.push(signal.facts["n"]),
    });
    await Promise.all([
      mesh.burst(left, "Q_TEST_PING", 1, 500),
      mesh.burst(left, "Q_TEST_KEYED", 1, 500, () => ({ key: "k" })),
    ]);
    await eventually(
      () => right.stats().handled === 1_000,
      () => right.stats(),
    );
    expect(order).toEqual(Array.from({ length: 500 }, (_, i) => i + 1));
    expect(most).toBeLessThanOrEqual(8);
    await mesh.settled(right);
  });

  it("an inbox of a few bytes lets large signals through one by one", async () => {
    const mesh = await testMesh(backend, { maxInboxBytes: 10_000, maxFetchBytes: 30_000 });
    const left = await mesh.open("left");
    await mesh.burst(left, "Q_TEST_PING", 1, 60, () => ({ pad: "x".repeat(9_000) }));
    const right = await mesh.open("right", { Q_TEST_PING: countEffect });
    await mesh.burst(left, "Q_TEST_PING", 61, 120, () => ({ pad: "x".repeat(9_000) }));
    await eventually(
      () => right.stats().handled === 120,
      () => right.stats(),
    );
    await mesh.settled(right);
    expectEffectsOnce(right, 1, 120);
  });

  it("queues of a single frame drop, and nothing is lost", async () => {
    const mesh = await testMesh(backend, {
      publishHighWaterMark: 1,
      maxPublishQueue: 1,
      maxCommitSignals: 1,
    });
    const left = await mesh.open("left");
    const right = await mesh.open("right", { Q_TEST_PING: countEffect });
    await mesh.burst(left, "Q_TEST_PING", 1, 400, () => ({ pad: "x".repeat(2_000) }));
    await eventually(
      () => right.stats().handled === 400,
      () => right.stats(),
    );
    await mesh.settled(right);
    expectEffectsOnce(right, 1, 400);
  });

  it("a transaction larger than any frame arrives whole", async () => {
    const mesh = await testMesh(backend, {
      maxSignalBytes: 100_000,
      maxCommitBytes: 50_000,
      maxFetchBytes: 50_000,
    });
    const left = await mesh.open("left");
    const right = await mesh.open("right", { Q_TEST_PING: countEffect });
    await left.transact((tx) => {
      for (let n = 1; n <= 30; n++) tx.emit("Q_TEST_PING", { n, pad: "x".repeat(20_000) });
    });
    await eventually(
      () => right.stats().handled === 30,
      () => right.stats(),
    );
    await mesh.settled(right);
    expectEffectsOnce(right, 1, 30);
  });
}
