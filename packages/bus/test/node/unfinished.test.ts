/** What lies in journals and is not finished: also of emitters that are stopped. */
import { renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Node } from "../../src/node/api.ts";
import { memoryBackend } from "../mesh/backend.ts";
import { eventually } from "../mesh/eventually.ts";
import { testMesh } from "../mesh/test-mesh.ts";

async function unfinishedOf(node: Node, ...signals: `Q_${string}`[]) {
  const found: unknown[] = [];
  for await (const one of node.unfinished(signals))
    found.push(
      one.kind === "signal"
        ? [one.envelope.source, one.envelope.signal, one.envelope.facts["n"]]
        : `${one.emitter} cannot be read`,
    );
  return found;
}

it("a signal of a stopped emitter is seen before it can be delivered, and not any more when it is finished", async () => {
  const mesh = await testMesh(memoryBackend);
  const left = await mesh.open("left", { Q_TEST_PONG: () => undefined });
  expect(await unfinishedOf(left, "Q_TEST_PONG")).toEqual([]); // Nobody has ever run.
  const right = await mesh.open("right");
  await mesh.burst(right, "Q_TEST_PONG", 1, 3);
  await mesh.settled(left);
  expect(await unfinishedOf(left, "Q_TEST_PONG")).toEqual([]);
  await left.close();

  await mesh.burst(right, "Q_TEST_PONG", 4, 5);
  await right.close();
  const back = await mesh.open("left", { Q_TEST_PONG: () => undefined });
  expect(await unfinishedOf(back, "Q_TEST_PONG")).toEqual([
    ["right", "Q_TEST_PONG", 4],
    ["right", "Q_TEST_PONG", 5],
  ]);
  expect(back.stats().lag).toBe(0); // Which the live way cannot know.

  await mesh.open("right");
  await mesh.settled(back);
  expect(await unfinishedOf(back, "Q_TEST_PONG")).toEqual([]);
});

it("tells exactly what is open between others that overtook it, and of the names that were asked for", async () => {
  const mesh = await testMesh(memoryBackend);
  const left = await mesh.open("left");
  let release = (): void => undefined;
  const held = new Promise<void>((resolve) => (release = resolve));
  const right = await mesh.open("right", {
    Q_TEST_PING: [(signal) => (signal.facts["n"] === 2 ? held : undefined), { concurrency: 8 }],
  });
  await mesh.burst(left, "Q_TEST_PING", 1, 5);
  await mesh.burst(left, "Q_TEST_KEYED", 6, 7);
  await eventually(async () => (await unfinishedOf(right, "Q_TEST_PING")).length === 1);
  expect(await unfinishedOf(right, "Q_TEST_PING")).toEqual([["left", "Q_TEST_PING", 2]]);
  expect(await unfinishedOf(right, "Q_TEST_KEYED")).toHaveLength(2);
  release();
  await mesh.settled(right);
});

it("says of a journal that cannot be read that it does not know, and goes on with the others", async () => {
  const mesh = await testMesh(memoryBackend);
  const left = await mesh.open("left", { Q_TEST_PONG: () => undefined });
  const right = await mesh.open("right");
  const far = await mesh.open("far");
  await left.close();
  await mesh.burst(far, "Q_TEST_PONG", 1, 1);
  await right.close();
  await far.close();
  writeFileSync(join(mesh.home, "journal", "right", "data.mdb"), "this is no journal");
  const back = await mesh.open("left", { Q_TEST_PONG: () => undefined });
  expect(await unfinishedOf(back, "Q_TEST_PONG")).toEqual([
    "right cannot be read",
    ["far", "Q_TEST_PONG", 1],
  ]);
});

it("a journal that has begun anew is unfinished from its beginning", async () => {
  const mesh = await testMesh(memoryBackend);
  const left = await mesh.open("left", { Q_TEST_PONG: () => undefined });
  const right = await mesh.open("right");
  await mesh.burst(right, "Q_TEST_PONG", 1, 3);
  await mesh.settled(left);
  await left.close();
  await right.close();
  renameSync(join(mesh.home, "journal", "right"), join(mesh.home, "lost"));
  const anew = await mesh.open("right");
  await mesh.burst(anew, "Q_TEST_PONG", 10, 11);
  await anew.close();
  const back = await mesh.open("left", { Q_TEST_PONG: () => undefined });
  expect(await unfinishedOf(back, "Q_TEST_PONG")).toEqual([
    ["right", "Q_TEST_PONG", 10],
    ["right", "Q_TEST_PONG", 11],
  ]);
});
