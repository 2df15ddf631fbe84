/** Telemetry: not journalled, not repeated; handled when there is room, and a failure keeps its own letter. */
import { expect, it } from "vitest";
import { memoryBackend } from "../mesh/backend.ts";
import { eventually } from "../mesh/eventually.ts";
import { deadLetters, testMesh } from "../mesh/test-mesh.ts";

it("a volatile signal is handled live, has no place in the journal, and is not in the books", async () => {
  const mesh = await testMesh(memoryBackend);
  const heard: unknown[] = [];
  const left = await mesh.open("left");
  const right = await mesh.open("right", { Q_TEST_TICK: (signal) => void heard.push(signal.facts["n"]) });
  await eventually(() => right.stats().lag === 0);
  let n = 0;
  await eventually(async () => {
    const receipt = await left.emit("Q_TEST_TICK", { n: ++n });
    expect(receipt).toMatchObject({ durability: "volatile", seq: 0 });
    return heard.length >= 3;
  });
  expect(left.stats().lastSeq).toBe(0);
  await mesh.settled(right);
});

it("every failed volatile signal keeps a dead letter of its own, with its content", async () => {
  const mesh = await testMesh(memoryBackend);
  const left = await mesh.open("left");
  const right = await mesh.open("right", {
    Q_TEST_TICK: [
      () => {
        throw new Error("no");
      },
      { retry: { maxAttempts: 1 } },
    ],
  });
  let n = 0;
  await eventually(async () => {
    await left.emit("Q_TEST_TICK", { n: ++n });
    return right.stats().deadLettered >= 3;
  });
  const letters = await deadLetters(mesh.home, 3);
  const contents = letters.map(({ signal }) => (signal as { facts: { n: number } }).facts.n);
  expect(new Set(contents).size).toBe(contents.length);
});
