/** The probe: an answer of the node's own ledger socket within a deadline, and a readable journal. */
import { expect, it } from "vitest";
import { memoryBackend, ipcBackend } from "../mesh/backend.ts";
import { eventually } from "../mesh/eventually.ts";
import { testMesh } from "../mesh/test-mesh.ts";

it.each([
  ["in memory", memoryBackend],
  ["over ZeroMQ", ipcBackend],
])("a node that works answers its own probe, and keeps no trace of it (%s)", async (_name, backend) => {
  const mesh = await testMesh(backend);
  const node = await mesh.open("left");
  await Promise.all([node.probe(5_000), node.probe(5_000)]);
  await node.probe(5_000);
  expect(node.stats().droppedFrames).toBe(0);
});

it("a ledger socket that is silent fails the probe within its deadline, and an answer heals it", async () => {
  const mesh = await testMesh(memoryBackend);
  const node = await mesh.open("left");
  mesh.wire.setFaults({ loseReplies: 1 });
  const begun = performance.now();
  await expect(node.probe(100)).rejects.toMatchObject({ code: "E_PROBE_FAILED" });
  expect(performance.now() - begun).toBeLessThan(3_000);
  mesh.wire.setFaults({});
  await node.probe(5_000);
});

it("time in which the event loop stands still is not held against the socket", async () => {
  const mesh = await testMesh(memoryBackend);
  const node = await mesh.open("left");
  const answer = node.probe(200);
  const until = performance.now() + 600;
  while (performance.now() < until); // A burst of work, longer than the whole deadline.
  await answer;
});

it("a closed node answers no probe", async () => {
  const mesh = await testMesh(memoryBackend);
  const node = await mesh.open("left");
  await node.close();
  await expect(node.probe(100)).rejects.toMatchObject({ code: "E_NODE_CLOSED" });
});

it("the last transaction of a drain comes after the handlers, and is on disk", async () => {
  const mesh = await testMesh(memoryBackend);
  const left = await mesh.open("left");
  let handled = false;
  const right = await mesh.open("right", {
    Q_TEST_PING: async () => {
      await new Promise((resolve) => setTimeout(resolve, 100));
      handled = true;
    },
  });
  await left.emit("Q_TEST_PING", { n: 1 });
  await eventually(() => right.stats().inFlight === 1);
  await right.drain(5_000, (tx) => {
    tx.state.put("kit/ended", handled);
  });
  await right.close();
  const again = await mesh.open("right");
  expect(again.state.get("kit/ended")).toBe(true);
});
