/** A handler that ignores its abort signal: it is seen until it returns, and its attempts count across restarts. */
import { expect, it } from "vitest";
import { memoryBackend } from "../mesh/backend.ts";
import { eventually } from "../mesh/eventually.ts";
import { deadLetters, testMesh } from "../mesh/test-mesh.ts";

const LIMITS = { abortGraceMs: 50 };

it("a handler past its own deadline and the grace is hung until it returns; others within theirs are not", async () => {
  const mesh = await testMesh(memoryBackend, LIMITS);
  const left = await mesh.open("left");
  const release: (() => void)[] = [];
  const wait = () => new Promise<void>((resolve) => release.push(resolve));
  const right = await mesh.open("right", {
    Q_TEST_PING: [wait, { deadlineMs: 50, retry: { maxAttempts: 1 } }],
    Q_TEST_BRIEF: [wait, { deadlineMs: 30_000 }],
  });
  await left.emit("Q_TEST_BRIEF", { n: 1 });
  await left.emit("Q_TEST_PING", { n: 1 });
  await eventually(() => right.stats().hung.length > 0);
  expect(right.stats().hung).toEqual(["Q_TEST_PING"]);
  expect(right.stats().inFlight).toBe(1);
  for (const free of release) free();
  await eventually(() => right.stats().hung.length === 0);
});

it("attempts that hung are counted across restarts, so that a signal that always hangs is dead-lettered", async () => {
  const mesh = await testMesh(memoryBackend, LIMITS);
  const left = await mesh.open("left");
  const attempts: number[] = [];
  await left.emit("Q_TEST_PING", { n: 1 });
  const life = async () => {
    const right = await mesh.open("right", {
      Q_TEST_PING: [
        async (_signal, tx) => {
          attempts.push(tx.attempt);
          await new Promise(() => undefined);
        },
        { deadlineMs: 50, retry: { maxAttempts: 3, baseDelayMs: 60_000 } },
      ],
    });
    await eventually(() => right.stats().hung.length > 0);
    await right.close(); // As its supervisor does: no second attempt in this process.
  };
  await life();
  await life();
  await life();
  expect(attempts).toEqual([1, 2, 3]);
  const [letter] = await deadLetters(mesh.home, 1);
  expect(letter).toMatchObject({ attempts: 3, error: expect.stringContaining("within 50 ms") as string });
  const after = await mesh.open("right");
  expect(after.state.list("kit/")).toEqual([]);
});
