/** One supplied id wanted by several at once: it is journalled exactly once, whoever of them comes through (P2, P3). */
import { expect, it } from "vitest";
import { memoryBackend } from "../mesh/backend.ts";
import { eventually } from "../mesh/eventually.ts";
import { testMesh, type TestMesh } from "../mesh/test-mesh.ts";
import type { Node } from "../../src/node/api.ts";

const ID = "0190b3c0-aaaa-7bbb-8ccc-000000000001";

/** Two handlings that are open at the same time and emit the same id; `fails` says which of them throws afterwards. */
async function twoHandlings(mesh: TestMesh, fails: (n: number) => boolean): Promise<Node> {
  const left = await mesh.open("left");
  let open = 0;
  const right = await mesh.open("right", {
    Q_TEST_PING: [
      async (signal, tx) => {
        tx.emit("Q_TEST_PONG", { n: 7 }, { id: ID });
        open++;
        await eventually(() => open >= 2);
        if (fails(Number(signal.facts["n"]))) throw new Error("given up on purpose");
      },
      { concurrency: 2, retry: { maxAttempts: 1 } },
    ],
  });
  await mesh.burst(left, "Q_TEST_PING", 1, 2);
  await eventually(() => right.stats().handled + right.stats().deadLettered === 2);
  return right;
}

it.each([1, 2])("an id that handling %i of two gives up is journalled by the other", async (failing) => {
  const mesh = await testMesh(memoryBackend);
  const right = await twoHandlings(mesh, (n) => n === failing);
  expect(right.stats()).toMatchObject({ lastSeq: 1, handled: 1, deadLettered: 1 });
  expect(await right.emit("Q_TEST_PONG", { n: 7 }, { id: ID })).toMatchObject({
    seq: 1,
    durability: "duplicate",
  });
});

it("an id that two handlings emit at once is journalled once", async () => {
  const mesh = await testMesh(memoryBackend);
  const right = await twoHandlings(mesh, () => false);
  expect(right.stats()).toMatchObject({ lastSeq: 1, handled: 2, deadLettered: 0 });
});

it("an id that both give up is free again, with other content too", async () => {
  const mesh = await testMesh(memoryBackend);
  const right = await twoHandlings(mesh, () => true);
  expect(await right.emit("Q_TEST_PONG", { n: 8 }, { id: ID })).toMatchObject({
    seq: 1,
    durability: "synced",
  });
});
