/** A signal paused by hand: nothing of it is handled, nothing is lost, nothing else is touched, whatever ends in between. */
import fc from "fast-check";
import { expect, it } from "vitest";
import { auditHome } from "../../src/node/audit-home.ts";
import type { Node } from "../../src/node/api.ts";
import { NotHandledError } from "../../src/node/errors.ts";
import { memoryBackend } from "../mesh/backend.ts";
import { eventually } from "../mesh/eventually.ts";
import { countEffect, deadLetters, expectEffectsOnce, testMesh } from "../mesh/test-mesh.ts";

const ofPing = async (home: string) =>
  (await auditHome(home)).rows.find((row) => row.signal === "Q_TEST_PING" && row.consumer === "right");

it("what arrives while a signal is paused is pending in the books; other signals are handled; resume goes on at once", async () => {
  const mesh = await testMesh(memoryBackend);
  const left = await mesh.open("left");
  const seen: string[] = [];
  const note = (signal: { signal: string }) => void seen.push(signal.signal);
  const right = await mesh.open("right", { Q_TEST_PING: note, Q_TEST_BRIEF: note });
  await right.pause("Q_TEST_PING");
  expect(right.pausedByHand).toEqual([
    { signal: "Q_TEST_PING", since: expect.stringMatching(/^\d{4}-/) as string, until: null },
  ]);
  for (let n = 1; n <= 20; n++) await left.emit("Q_TEST_PING", { n });
  await left.emit("Q_TEST_BRIEF", { n: 1 });
  await eventually(() => seen.length === 1 && right.stats().inbox === 20);
  expect(seen).toEqual(["Q_TEST_BRIEF"]);
  expect(await ofPing(mesh.home)).toMatchObject({ emitted: 20, handled: 0, pending: 20, balanced: true });
  expect(await right.resume("Q_TEST_PING")).toBe(true);
  await eventually(() => seen.length === 21);
  await mesh.settled(left, right);
  expect(await right.resume("Q_TEST_PING")).toBe(false);
  expect(right.state.list("kit/")).toEqual([]);
});

it("a pause survives restarts, and more than an inbox of signals waits for its end at the emitter", async () => {
  const mesh = await testMesh(memoryBackend, { maxInboxSignals: 16 });
  const left = await mesh.open("left");
  const seen: number[] = [];
  const handler = (signal: { facts: object }) => void seen.push((signal.facts as { n: number }).n);
  const first = await mesh.open("right", { Q_TEST_PING: handler });
  await first.pause("Q_TEST_PING");
  await first.close();
  const second = await mesh.open("right", { Q_TEST_PING: handler });
  expect(second.pausedByHand).toHaveLength(1);
  await mesh.burst(left, "Q_TEST_PING", 1, 100);
  await eventually(() => second.stats().inbox === 16);
  expect(seen).toEqual([]);
  await second.resume("Q_TEST_PING");
  await eventually(() => seen.length === 100);
  expect(seen).toEqual(Array.from({ length: 100 }, (_, n) => n + 1));
  await mesh.settled(left, second);
});

it("a failing handler's next attempt waits for the end of the pause, does not hold up the stop, and counts on after it", async () => {
  const mesh = await testMesh(memoryBackend);
  const left = await mesh.open("left");
  const attempts: number[] = [];
  const handler = [
    (_signal: object, tx: { attempt: number }) => {
      attempts.push(tx.attempt);
      if (tx.attempt === 1) void right.pause("Q_TEST_PING"); // In the middle of an attempt: it is let finish.
      throw new Error("not today");
    },
    { retry: { maxAttempts: 2, baseDelayMs: 1, maxDelayMs: 2 } },
  ] as const;
  const right: Node = await mesh.open("right", { Q_TEST_PING: handler });
  await left.emit("Q_TEST_PING", { n: 1 });
  await eventually(() => attempts.length === 1 && right.stats().inFlight === 0);
  expect(right.stats().oldestHandlerMs).toBe(0);
  await right.resume("Q_TEST_PING");
  await deadLetters(mesh.home, 1);
  expect(attempts).toEqual([1, 2]);
  await right.pause("Q_TEST_PING");
  await left.emit("Q_TEST_PING", { n: 2 });
  await eventually(() => right.stats().inbox === 1);
  const begunAt = performance.now();
  await right.drain(10_000);
  expect(performance.now() - begunAt).toBeLessThan(5_000);
});

it("a pause with an end ends by itself, also when the wall clock is set back meanwhile or between two starts", async () => {
  const mesh = await testMesh(memoryBackend);
  const left = await mesh.open("left");
  let wallMs = Date.UTC(2030, 0, 1);
  const now = () => wallMs;
  const seen: number[] = [];
  const handlers = { Q_TEST_PING: () => void seen.push(1) };
  const right = await mesh.open("right", handlers, { now });
  await right.pause("Q_TEST_PING", { untilMs: wallMs + 300 });
  expect(right.pausedByHand[0]?.until).toBe("2030-01-01T00:00:00.300Z");
  wallMs -= 3_600_000;
  await left.emit("Q_TEST_PING", { n: 1 });
  await eventually(() => seen.length === 1);
  await eventually(() => right.pausedByHand.length === 0 && right.state.list("kit/").length === 0);
  await right.pause("Q_TEST_PING", { untilMs: wallMs + 300 });
  await right.close();
  wallMs -= 3_600_000;
  await left.emit("Q_TEST_PING", { n: 2 });
  const again = await mesh.open("right", handlers, { now });
  await eventually(() => seen.length === 2);
  await mesh.settled(left, again);
});

it("only what this daemon handles can be paused", async () => {
  const mesh = await testMesh(memoryBackend);
  const right = await mesh.open("right");
  await expect(right.pause("Q_TEST_PING")).rejects.toThrow(NotHandledError);
  expect(await right.resume("Q_TEST_PING")).toBe(false);
});

it("however pauses, resumes, emissions and restarts follow each other, each signal is handled once", async () => {
  const step = fc.oneof(
    {
      weight: 4,
      arbitrary: fc.record({ do: fc.constant("emit" as const), count: fc.integer({ min: 1, max: 30 }) }),
    },
    { weight: 2, arbitrary: fc.constant({ do: "pause" as const }) },
    { weight: 2, arbitrary: fc.constant({ do: "resume" as const }) },
    { weight: 1, arbitrary: fc.constant({ do: "restart" as const }) },
  );
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      const mesh = await testMesh(memoryBackend, { maxInboxSignals: 8 });
      const left = await mesh.open("left");
      const handlers = { Q_TEST_PING: countEffect };
      let right = await mesh.open("right", handlers);
      let emitted = 0;
      for (const taken of steps) {
        if (taken.do === "emit") {
          await mesh.burst(left, "Q_TEST_PING", emitted + 1, emitted + taken.count);
          emitted += taken.count;
        } else if (taken.do === "pause") await right.pause("Q_TEST_PING");
        else if (taken.do === "resume") await right.resume("Q_TEST_PING");
        else {
          await right.close();
          right = await mesh.open("right", handlers);
        }
      }
      await right.resume("Q_TEST_PING");
      await mesh.settled(left, right);
      expectEffectsOnce(right, 1, emitted);
      await right.close();
      await left.close();
    }),
    { numRuns: 8 },
  );
});
