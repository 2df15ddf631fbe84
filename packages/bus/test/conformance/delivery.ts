/** Delivery: nothing lost, nothing doubled, in order, whatever comes and goes (P1–P5, P7, P9). */
import { expect, it } from "vitest";
import type { Envelope } from "../../src/signal/envelope.ts";
import type { Backend } from "../mesh/backend.ts";
import { eventually } from "../mesh/eventually.ts";
import { countEffect, expectEffectsOnce, testMesh } from "../mesh/test-mesh.ts";

const ID = "0190b3c0-aaaa-7bbb-8ccc-000000000001";

export function deliveryTests(backend: Backend): void {
  it("an emitted signal is handled, and what the handling emits belongs to its story", async () => {
    const mesh = await testMesh(backend);
    const answers: Envelope[] = [];
    const left = await mesh.open("left", { Q_TEST_PONG: (signal) => void answers.push(signal) });
    const right = await mesh.open("right", {
      Q_TEST_PING: (signal, tx) => void tx.emit("Q_TEST_PONG", { n: signal.facts["n"] }),
    });
    const receipt = await left.emit("Q_TEST_PING", { n: 7 });
    await eventually(() => answers.length > 0);
    expect(receipt).toMatchObject({ signal: "Q_TEST_PING", seq: 1, durability: "synced" });
    expect(answers).toMatchObject([
      {
        signal: "Q_TEST_PONG",
        facts: { n: 7 },
        source: "right",
        causation_id: receipt.id,
        correlation_id: receipt.id,
      },
    ]);
    await mesh.settled(left, right);
  });

  it("signals arrive in journal order", async () => {
    const mesh = await testMesh(backend);
    const order: unknown[] = [];
    const left = await mesh.open("left");
    const right = await mesh.open("right", { Q_TEST_PING: (signal) => void order.push(signal.facts["n"]) });
    await mesh.burst(left, "Q_TEST_PING", 1, 1_000);
    await eventually(() => order.length >= 1_000);
    expect(order).toEqual(Array.from({ length: 1_000 }, (_, i) => i + 1));
    await mesh.settled(right);
  });

  it("the first signal after start is handled once, whoever is there first", async () => {
    const mesh = await testMesh(backend);
    const early = await mesh.open("right", { Q_TEST_PING: countEffect });
    const left = await mesh.open("left");
    await left.emit("Q_TEST_PING", { n: 1 });
    const late = await mesh.open("far", { Q_TEST_PING: countEffect });
    await left.emit("Q_TEST_PING", { n: 2 });
    await eventually(() => early.stats().handled === 2 && late.stats().handled === 2);
    await mesh.settled(early, late);
    expectEffectsOnce(early, 1, 2);
    expectEffectsOnce(late, 1, 2);
  });

  it("a consumer that was down catches up, and one that never was begins at the beginning", async () => {
    const mesh = await testMesh(backend);
    const left = await mesh.open("left");
    const before = await mesh.open("right", { Q_TEST_PING: countEffect });
    await mesh.burst(left, "Q_TEST_PING", 1, 50);
    await eventually(() => before.stats().handled === 50);
    await before.close();
    await mesh.burst(left, "Q_TEST_PING", 51, 400);
    const right = await mesh.open("right", { Q_TEST_PING: countEffect });
    const far = await mesh.open("far", { Q_TEST_PING: countEffect });
    await eventually(() => right.stats().handled === 350 && far.stats().handled === 400);
    await mesh.settled(right, far);
    expectEffectsOnce(right, 1, 400);
    expectEffectsOnce(far, 1, 400);
  });

  it("an emitter that restarts goes on where it stood", async () => {
    const mesh = await testMesh(backend);
    const right = await mesh.open("right", { Q_TEST_PING: countEffect });
    let left = await mesh.open("left");
    for (let round = 0; round < 3; round++) {
      await mesh.burst(left, "Q_TEST_PING", round * 20 + 1, round * 20 + 20);
      await left.close();
      left = await mesh.open("left");
    }
    await left.emit("Q_TEST_PING", { n: 61 });
    await eventually(
      () => right.stats().handled === 61,
      () => right.stats(),
    );
    await mesh.settled(right);
    expectEffectsOnce(right, 1, 61);
  });

  it("a consumer closed in the middle of its work has every effect once when it is back", async () => {
    const mesh = await testMesh(backend);
    const left = await mesh.open("left");
    void mesh.burst(left, "Q_TEST_PING", 1, 300);
    for (const until of [40, 90, 200]) {
      const right = await mesh.open("right", { Q_TEST_PING: [countSlowly, { concurrency: 4 }] });
      await eventually(() => right.state.list("seen/").length >= until);
      await right.close();
    }
    const right = await mesh.open("right", { Q_TEST_PING: [countSlowly, { concurrency: 4 }] });
    await eventually(() => right.state.list("seen/").length === 300);
    await mesh.settled(right);
    expectEffectsOnce(right, 1, 300);
  });

  it("an id that is emitted twice is one signal, and with other content an error", async () => {
    const mesh = await testMesh(backend);
    const left = await mesh.open("left");
    const right = await mesh.open("right", { Q_TEST_PING: countEffect });
    const both = await Promise.all([
      left.emit("Q_TEST_PING", { n: 1 }, { id: ID }),
      left.emit("Q_TEST_PING", { n: 1 }, { id: ID }),
    ]);
    expect(both.map(({ seq, durability }) => [seq, durability])).toEqual([
      [1, "synced"],
      [1, "duplicate"],
    ]);
    await left.close();
    const again = await mesh.open("left");
    expect(await again.emit("Q_TEST_PING", { n: 1 }, { id: ID })).toMatchObject({
      seq: 1,
      durability: "duplicate",
    });
    await expect(again.emit("Q_TEST_PING", { n: 2 }, { id: ID })).rejects.toMatchObject({
      code: "E_ID_REUSED",
    });
    await expect(again.emit("Q_TEST_KEYED", { n: 1 }, { id: ID })).rejects.toMatchObject({
      code: "E_ID_REUSED",
    });
    await again.emit("Q_TEST_PING", { n: 2 });
    await eventually(() => right.stats().handled === 2);
    await mesh.settled(right);
    expectEffectsOnce(right, 1, 2);
  });

  it("a consumer from now on sees nothing older, and keeps that beginning across a restart", async () => {
    const mesh = await testMesh(backend);
    const left = await mesh.open("left");
    await mesh.burst(left, "Q_TEST_PING", 1, 10);
    const fromNow = { Q_TEST_PING: [countEffect, { from: "now" }] } as const;
    const right = await mesh.open("right", fromNow);
    await eventually(() => right.stats().lag === 0);
    await left.emit("Q_TEST_PING", { n: 11 });
    await eventually(() => right.stats().handled === 1);
    await right.close();
    await left.emit("Q_TEST_PING", { n: 12 });
    const back = await mesh.open("right", fromNow);
    await eventually(() => back.stats().handled === 1);
    await mesh.settled(back);
    expectEffectsOnce(back, 11, 12);
  });
}

const countSlowly = async (...args: Parameters<typeof countEffect>): Promise<void> => {
  await new Promise((resolve) => setTimeout(resolve, 1));
  await countEffect(...args);
};
