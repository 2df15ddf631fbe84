/** The hooks: each attempt, each commit and each dead letter is told once, when it has happened. */
import { expect, it } from "vitest";
import type { HandledSignal, JournalCommit, LetteredSignal, NodeHooks } from "../../src/node/node-options.ts";
import { KlorosError } from "../../src/signal/errors.ts";
import { memoryBackend } from "../mesh/backend.ts";
import { eventually } from "../mesh/eventually.ts";
import { testMesh } from "../mesh/test-mesh.ts";

class OutOfLuckError extends KlorosError {
  constructor() {
    super("E_OUT_OF_LUCK", "no luck with this one");
  }
}

function recorder() {
  const [handled, commits, letters]: [HandledSignal[], JournalCommit[], LetteredSignal[]] = [[], [], []];
  const hooks: NodeHooks = {
    onHandled: (done) => void handled.push(done),
    onCommitted: (commit) => void commits.push(commit),
    onDeadLettered: (letter) => void letters.push(letter),
  };
  return { hooks, handled, commits, letters };
}

it("each attempt is told with its outcome, and a fate only when it is on disk", async () => {
  const mesh = await testMesh(memoryBackend);
  const { hooks, handled, letters } = recorder();
  let tries = 0;
  const left = await mesh.open("left");
  const right = await mesh.open(
    "right",
    {
      Q_TEST_PING: [
        async (signal) => {
          await new Promise((resolve) => setTimeout(resolve, 20));
          if (signal.facts["n"] === 2 && ++tries < 3) throw new Error("not yet");
        },
        { retry: { baseDelayMs: 1, maxDelayMs: 1 } },
      ],
    },
    { hooks },
  );
  await mesh.burst(left, "Q_TEST_PING", 1, 2);
  await eventually(() => handled.length === 4);
  expect(handled.map(({ outcome, attempt }) => [outcome, attempt])).toEqual([
    ["handled", 1],
    ["retried", 1],
    ["retried", 2],
    ["handled", 3],
  ]);
  for (const done of handled) {
    expect(done).toMatchObject({ signal: "Q_TEST_PING", source: "left" });
    expect(done.handlerMs).toBeGreaterThanOrEqual(15);
    expect(done.handlerMs).toBeLessThan(5_000);
    expect(done.sinceEmittedMs).toBeGreaterThanOrEqual(Math.floor(done.handlerMs) - 5);
  }
  expect(new Set(handled.slice(1).map(({ id }) => id)).size).toBe(1);
  expect(right.stats().handled).toBe(2);
  expect(letters).toEqual([]);
});

it("a dead letter is told with the story, the code and the fingerprint of its cause", async () => {
  const mesh = await testMesh(memoryBackend);
  const { hooks, handled, letters } = recorder();
  const left = await mesh.open("left");
  const right = await mesh.open(
    "right",
    {
      Q_TEST_PING: [
        () => {
          throw new OutOfLuckError();
        },
        { retry: { maxAttempts: 1 } },
      ],
    },
    { hooks },
  );
  const { id } = await left.emit("Q_TEST_PING", { n: 1 });
  await eventually(() => letters.length === 1 && handled.length === 1);
  const told = { signal: "Q_TEST_PING", id, correlation_id: id };
  expect(handled).toMatchObject([{ ...told, outcome: "dead_lettered", attempt: 1 }]);
  expect(letters).toMatchObject([{ ...told, code: "E_OUT_OF_LUCK", attempts: 1 }]);
  expect(letters[0]?.error).toContain("no luck");
  await right.transact((tx) => {
    tx.deadLetter({ key: "a-file", signal: { question: "?" }, error: "bad file", attempts: 2 });
  });
  expect(letters[1]).toMatchObject({ signal: null, id: null, correlation_id: null, code: null, attempts: 2 });
});

it("each commit is told with its signals, their bytes and its time, also one that moves a cursor only", async () => {
  const mesh = await testMesh(memoryBackend);
  const [emitter, consumer] = [recorder(), recorder()];
  const left = await mesh.open("left", {}, { hooks: emitter.hooks });
  await mesh.open("right", { Q_TEST_PING: () => undefined }, { hooks: consumer.hooks });
  await mesh.burst(left, "Q_TEST_PING", 1, 100);
  await eventually(() => consumer.handled.length === 100);
  const sum = (of: (commit: JournalCommit) => number) =>
    emitter.commits.reduce((all, one) => all + of(one), 0);
  expect(sum(({ signals }) => signals)).toBe(100);
  expect(sum(({ bytes }) => bytes)).toBeGreaterThan(100 * 300);
  for (const { ms } of [...emitter.commits, ...consumer.commits]) expect(ms).toBeGreaterThan(0);
  expect(consumer.commits.length).toBeGreaterThan(0);
  expect(consumer.commits.every(({ signals, bytes }) => signals === 0 && bytes === 0)).toBe(true);
});

it("a clock that was set back makes no negative latency", async () => {
  const mesh = await testMesh(memoryBackend);
  const { hooks, handled } = recorder();
  const left = await mesh.open("left", {}, { now: () => Date.now() + 3_600_000 });
  await mesh.open("right", { Q_TEST_PING: () => undefined }, { hooks });
  await left.emit("Q_TEST_PING", { n: 1 });
  await eventually(() => handled.length === 1);
  expect(handled[0]?.sinceEmittedMs).toBe(0);
});
