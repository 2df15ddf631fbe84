/** A node emits only what its contracts allow, by whichever door; what is refused leaves no trace. */
import { expect, it } from "vitest";
import { memoryBackend } from "../mesh/backend.ts";
import { eventually } from "../mesh/eventually.ts";
import { deadLetters, testMesh } from "../mesh/test-mesh.ts";

const NOT_YOURS = { code: "E_EMIT_RIGHT" };

it("emit and transactions refuse a signal that is not the daemon's to emit", async () => {
  const mesh = await testMesh(memoryBackend);
  const left = await mesh.open("left");
  await expect(left.emit("Q_TEST_PONG", { n: 1 })).rejects.toMatchObject(NOT_YOURS);
  const both = left.transact((tx) => {
    tx.state.put("kept", true);
    tx.emit("Q_TEST_PING", { n: 1 });
    tx.emit("Q_TEST_PONG", { n: 1 });
  });
  await expect(both).rejects.toMatchObject(NOT_YOURS);
  expect(left.state.get("kept")).toBeUndefined();
  expect(left.stats()).toMatchObject({ emitted: 0, lastSeq: 0 });
});

it("a handler that emits what it may not is a dead letter; nothing of the handling is kept, and the next one is handled", async () => {
  const mesh = await testMesh(memoryBackend);
  const left = await mesh.open("left");
  const right = await mesh.open("right", {
    Q_TEST_PING: [
      ({ facts }, tx) => {
        tx.state.put(`seen/${String(facts["n"])}`, true);
        if (facts["n"] === 1) tx.emit("Q_TEST_PING", { n: 2 });
      },
      { retry: { maxAttempts: 2, baseDelayMs: 1 } },
    ],
  });
  await left.emit("Q_TEST_PING", { n: 1 });
  await left.emit("Q_TEST_PING", { n: 3 });
  const [letter] = await deadLetters(mesh.home, 1);
  expect(letter).toMatchObject({ daemon: "right", error: expect.stringContaining("may not emit") as string });
  await eventually(() => right.stats().handled === 1);
  expect(right.state.list("seen/").map(({ key }) => key)).toEqual(["seen/3"]);
  expect(right.stats().lastSeq).toBe(0);
});
