/** Handling: order, overtaking, deadlines, retries, and exactly one fate for each signal (P3, P6, P9, P10). */
import { expect, it } from "vitest";
import { PermanentError } from "../../src/node/errors.ts";
import type { Backend } from "../mesh/backend.ts";
import { meshContracts } from "../mesh/contracts.ts";
import { eventually } from "../mesh/eventually.ts";
import { countEffect, deadLetters, expectEffectsOnce, testMesh } from "../mesh/test-mesh.ts";

const QUICK = { baseDelayMs: 20, maxDelayMs: 40 };

export function handlingTests(backend: Backend): void {
  it("one ordering key is one at a time and in order, retries included, while other keys go on", async () => {
    const mesh = await testMesh(backend);
    const order = new Map<string, number[]>();
    let [running, most] = [0, 0];
    const busy = new Set<string>();
    const left = await mesh.open("left");
    const right = await mesh.open("right", {
      Q_TEST_KEYED: [
        async (signal, tx) => {
          const [key, n] = [String(signal.facts["key"]), Number(signal.facts["n"])];
          expect(busy.has(key)).toBe(false);
          busy.add(key);
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, 1));
          running--;
          busy.delete(key);
          if (n % 10 === 3 && tx.attempt === 1) throw new Error("once more");
          order.set(key, [...(order.get(key) ?? []), n]);
        },
        { concurrency: 4, retry: QUICK },
      ],
    });
    await mesh.burst(left, "Q_TEST_KEYED", 1, 120, (n) => ({ key: `key ${String(n % 5)}` }));
    await eventually(
      () => right.stats().handled === 120,
      () => right.stats(),
    );
    expect(most).toBeGreaterThan(1);
    for (const numbers of order.values()) expect(numbers).toEqual([...numbers].sort((a, b) => a - b));
    expect(right.stats().deadLettered).toBe(0);
    await mesh.settled(right);
  });

  it("a handler that meets a full disk is tried again until there is space, however often that is", async () => {
    const mesh = await testMesh(backend);
    const attempts: number[] = [];
    const left = await mesh.open("left");
    const right = await mesh.open("right", {
      Q_TEST_PING: [
        (_signal, tx) => {
          attempts.push(tx.attempt);
          const cause = Object.assign(new Error("no space left"), { code: "ENOSPC" });
          if (attempts.length <= 3) throw new Error("cannot write", { cause });
        },
        { retry: { ...QUICK, maxAttempts: 2 } },
      ],
    });
    await left.emit("Q_TEST_PING", { n: 1 });
    await eventually(() => right.stats().handled === 1);
    expect(attempts).toEqual([1, 1, 1, 1]);
    expect(right.stats().deadLettered).toBe(0);
    await mesh.settled(right);
  });

  it("what is critical overtakes what waits", async () => {
    const mesh = await testMesh(backend);
    const order: unknown[] = [];
    let open: () => void = () => undefined;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const left = await mesh.open("left");
    const right = await mesh.open("right", {
      Q_TEST_PING: async (signal) => {
        order.push(signal.facts["n"]);
        await gate;
      },
    });
    await left.emit("Q_TEST_PING", { n: 0 });
    await eventually(() => order.length === 1);
    for (const [n, priority] of (["low", "normal", "high", "critical"] as const).entries())
      await left.emit("Q_TEST_PING", { n: n + 1 }, { priority });
    await eventually(() => right.stats().inbox === 4);
    open();
    await eventually(() => order.length === 5);
    expect(order).toEqual([0, 4, 3, 2, 1]);
    await mesh.settled(right);
  });

  it("a handler past its deadline is told, may not commit any more, and is tried again", async () => {
    const mesh = await testMesh(backend, { abortGraceMs: 10_000 });
    const told: unknown[] = [];
    const left = await mesh.open("left");
    const right = await mesh.open("right", {
      Q_TEST_PING: [
        async (signal, tx) => {
          if (tx.attempt === 1) {
            await new Promise((resolve) => {
              tx.abortSignal.addEventListener("abort", resolve);
            });
            told.push(tx.abortSignal.reason);
            expect(() => tx.emit("Q_TEST_PONG", { n: 666 })).toThrow(/transaction is over/);
            expect(() => {
              tx.state.put("seen/666", 1);
            }).toThrow(/transaction is over/);
            return;
          }
          await countEffect(signal, tx);
        },
        { deadlineMs: 100, retry: QUICK },
      ],
    });
    await left.emit("Q_TEST_PING", { n: 1 });
    await eventually(
      () => right.stats().handled === 1,
      () => right.stats(),
    );
    expect(told).toMatchObject([{ code: "E_HANDLER_DEADLINE", deadlineMs: 100 }]);
    await mesh.settled(right);
    expectEffectsOnce(right, 1, 1);
  });

  it("a handler that ignores its deadline loses its place after the grace, and never runs twice at a time", async () => {
    const mesh = await testMesh(backend, { abortGraceMs: 50 });
    const attempts: number[] = [];
    let [running, most] = [0, 0];
    const left = await mesh.open("left");
    const right = await mesh.open("right", {
      Q_TEST_PING: [
        async (signal, tx) => {
          if (signal.facts["n"] === 2) return;
          attempts.push(tx.attempt);
          most = Math.max(most, ++running);
          await new Promise((resolve) => setTimeout(resolve, 300));
          running--;
        },
        { deadlineMs: 50, retry: { maxAttempts: 3, baseDelayMs: 600, maxDelayMs: 600 } },
      ],
    });
    await left.emit("Q_TEST_PING", { n: 1 });
    await left.emit("Q_TEST_PING", { n: 2 });
    await eventually(
      () => right.stats().handled === 1,
      () => [attempts, right.stats()],
    );
    expect(attempts).toEqual([1, 2, 3]);
    expect(most).toBe(1);
    await mesh.settled(right);
    const letters = await deadLetters(mesh.home, 1);
    expect(letters).toMatchObject([
      { attempts: 3, error: expect.stringContaining("within 50 ms") as string },
    ]);
  });

  it("what fails is retried with growing waits, then is one dead letter with the whole signal, and the next goes on", async () => {
    const mesh = await testMesh(backend);
    const times: number[] = [];
    const left = await mesh.open("left");
    const right = await mesh.open("right", {
      Q_TEST_PING: [
        (signal, tx) => {
          if (signal.facts["n"] === 2) return countEffect(signal, tx);
          times.push(performance.now());
          tx.state.put("half done", true);
          tx.emit("Q_TEST_PONG", { n: 1 });
          throw new Error(`no luck with ${String(signal.facts["n"])}`);
        },
        { retry: { maxAttempts: 4, baseDelayMs: 40, maxDelayMs: 80 } },
      ],
    });
    const receipt = await left.emit("Q_TEST_PING", { n: 1, pad: "ballast" });
    await left.emit("Q_TEST_PING", { n: 2 });
    await eventually(() => right.stats().handled === 1 && right.stats().deadLettered === 1);
    await mesh.settled(right);
    const waits = times.slice(1).map((at, i) => at - (times[i] as number));
    expect(waits).toHaveLength(3);
    expect(waits[0]).toBeGreaterThan(15);
    expect(waits[2]).toBeGreaterThan(35);
    expect(right.state.get("half done")).toBeUndefined();
    expect(right.stats().emitted).toBe(0);
    await deadLetters(mesh.home, 1);
    await right.close();
    await mesh.open("right", { Q_TEST_PING: countEffect });
    expect(await deadLetters(mesh.home, 1)).toMatchObject([
      {
        daemon: "right",
        error: "Error: no luck with 1",
        attempts: 4,
        signal: { id: receipt.id, signal: "Q_TEST_PING", facts: { n: 1, pad: "ballast" }, seq: 1 },
        traceback: expect.stringContaining("handling.ts") as string,
      },
    ]);
  });

  it("a permanent error is not tried again", async () => {
    const mesh = await testMesh(backend);
    let tries = 0;
    const left = await mesh.open("left");
    const right = await mesh.open("right", {
      Q_TEST_PING: () => {
        tries++;
        throw new PermanentError("this will never work");
      },
    });
    await left.emit("Q_TEST_PING", { n: 1 });
    await eventually(() => right.stats().deadLettered === 1);
    expect(tries).toBe(1);
    await mesh.settled(right);
  });

  it("facts that break the consumer's contract are dead-lettered unseen, unknown facts are kept", async () => {
    const mesh = await testMesh(backend);
    const facts: unknown[] = [];
    const schema = { type: "object", properties: { n: {}, more: {} }, additionalProperties: false };
    const contracts = meshContracts({ Q_TEST_PING: { schema, hash: "another hash" } });
    const left = await mesh.open("left", {}, { contracts });
    const right = await mesh.open("right", { Q_TEST_PING: (signal) => void facts.push(signal.facts) });
    await left.emit("Q_TEST_PING", { n: "one" });
    await left.emit("Q_TEST_PING", { n: 2, more: true });
    await eventually(() => right.stats().handled === 1 && right.stats().deadLettered === 1);
    expect(facts).toEqual([{ n: 2, more: true }]);
    await mesh.settled(right);
    const letters = await deadLetters(mesh.home, 1);
    expect(letters).toMatchObject([{ signal: { facts: { n: "one" } }, attempts: 1 }]);
    expect(letters[0]?.error).toContain("/n");
  });

  it("a flood of one failure pauses its handler, and everything is handled once the cause is gone", async () => {
    const mesh = await testMesh(backend, { floodFailures: 5, floodPauseMs: 300, floodPauseMaxMs: 400 });
    let broken = true;
    const alerts: unknown[] = [];
    const left = await mesh.open("left");
    await mesh.open("warden", { Q_HEALTH_ALERT: (signal) => void alerts.push(signal.facts) });
    const right = await mesh.open("right", {
      Q_TEST_PING: [
        (signal, tx) => {
          if (broken) throw new Error(`database 7 is gone (signal ${String(signal.facts["n"])})`);
          return countEffect(signal, tx);
        },
        { retry: { maxAttempts: 1 } },
      ],
    });
    await mesh.burst(left, "Q_TEST_PING", 1, 1_000);
    await eventually(() => right.stats().paused.length === 1);
    broken = false;
    await eventually(() => right.stats().handled + right.stats().deadLettered === 1_000);
    expect(right.stats().deadLettered).toBeLessThanOrEqual(7);
    await eventually(() => alerts.length > 0);
    expect(alerts).toMatchObject([{ alert_type: "handler_paused" }]);
    await mesh.settled(right);
  });

  it("concurrent handlers that read what another one changes are run again, so no count is lost", async () => {
    const mesh = await testMesh(backend);
    let runs = 0;
    const left = await mesh.open("left");
    const right = await mesh.open("right", {
      Q_TEST_PING: [
        async (_signal, tx) => {
          runs++;
          const total = tx.state.get<number>("total") ?? 0;
          await new Promise((resolve) => setTimeout(resolve, 1));
          tx.state.put("total", total + 1);
        },
        { concurrency: 4 },
      ],
    });
    await mesh.burst(left, "Q_TEST_PING", 1, 60);
    await eventually(
      () => right.stats().handled === 60,
      () => right.stats(),
    );
    expect(right.state.get("total")).toBe(60);
    expect(runs).toBeGreaterThan(60);
    await mesh.settled(right);
  });
}
