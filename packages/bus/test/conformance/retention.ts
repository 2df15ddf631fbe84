/** Retention: what may go, and how loud it is when what should have stayed has to go (P4, P7). */
import { expect, it } from "vitest";
import type { Node } from "../../src/node/api.ts";
import type { Envelope } from "../../src/signal/envelope.ts";
import { auditHome } from "../../src/node/audit-home.ts";
import { inspectHome } from "../../src/node/inspect-home.ts";
import type { Backend } from "../mesh/backend.ts";
import { eventually } from "../mesh/eventually.ts";
import { countEffect, expectEffectsOnce, testMesh, type TestMesh } from "../mesh/test-mesh.ts";

const DAY_MS = 86_400_000;

export function retentionTests(backend: Backend): void {
  it("retention takes what is old and acknowledged, and nothing else", async () => {
    const mesh = await testMesh(backend, { pruneIntervalMs: 50, maxCommitSignals: 1 });
    let now = Date.now();
    const left = await mesh.open("left", {}, { now: () => now });
    const right = await mesh.open("right", { Q_TEST_PING: countEffect, Q_TEST_BRIEF: () => undefined });
    await mesh.open("far", { Q_TEST_PING: countEffect });
    await mesh.burst(left, "Q_TEST_BRIEF", 1, 10);
    await mesh.burst(left, "Q_TEST_PING", 1, 10);
    await mesh.settled(right);
    now += 2 * DAY_MS;
    await eventually(async () => (await firstSeq(mesh, left)) === 11);
    now += 60 * DAY_MS;
    await left.emit("Q_TEST_PING", { n: 11 });
    await eventually(async () => (await firstSeq(mesh, left)) === 21);
    await mesh.settled(right);
  });

  it("retention waits for a consumer that is down, and its signals are there when it is back", async () => {
    const mesh = await testMesh(backend, { pruneIntervalMs: 50, maxCommitSignals: 1 });
    let now = Date.now();
    let left = await mesh.open("left", {}, { now: () => now });
    const right = await mesh.open("right", { Q_TEST_PING: countEffect });
    await mesh.burst(left, "Q_TEST_PING", 1, 5);
    await mesh.settled(right);
    await right.close();
    await mesh.burst(left, "Q_TEST_PING", 6, 20);
    now += 60 * DAY_MS;
    await eventually(async () => (await firstSeq(mesh, left)) === 6);
    await left.close();
    left = await mesh.open("left", {}, { now: () => now });
    const until = performance.now() + 200;
    await eventually(() => performance.now() > until);
    expect(await firstSeq(mesh, left)).toBe(6);
    const back = await mesh.open("right", { Q_TEST_PING: countEffect });
    await eventually(() => back.stats().handled === 15);
    await eventually(async () => (await firstSeq(mesh, left)) === 21);
    await mesh.settled(back);
    expectEffectsOnce(back, 1, 20);
  });

  it("beyond the hard cap even what is owed goes: loudly, counted as expired, and the books balance", async () => {
    const mesh = await testMesh(backend, { maxCommitSignals: 1, maxJournalBytes: 400_000 });
    const alerts: Envelope[] = [];
    const warden = await mesh.open("warden", { Q_HEALTH_ALERT: (signal) => void alerts.push(signal) });
    let left = await mesh.open("left");
    const right = await mesh.open("right", { Q_TEST_PING: countEffect });
    await mesh.burst(left, "Q_TEST_PING", 1, 5);
    await mesh.settled(right);
    await right.close();
    await mesh.burst(left, "Q_TEST_PING", 6, 200, () => ({ pad: "x".repeat(9_000) }));
    await left.close();
    left = await mesh.open("left", {}, { limits: { pruneIntervalMs: 50 } });
    await eventually(() => alerts.length > 0);
    expect(alerts).toMatchObject([{ source: "left", facts: { alert_type: "journal_cap_reached" } }]);
    let first = 0;
    await eventually(async () => {
      const before = first;
      first = await firstSeq(mesh, left);
      return first > 100 && first === before;
    });
    const back = await mesh.open("right", { Q_TEST_PING: countEffect });
    await eventually(
      () => alerts.length > 1,
      () => [alerts, back.stats()],
    );
    expect(alerts[1]).toMatchObject({ source: "right", facts: { alert_type: "signals_lost" } });
    await mesh.settled(back, warden);
    const row = (await auditHome(mesh.home)).rows.find(({ signal }) => signal === "Q_TEST_PING");
    expect(row).toMatchObject({ emitted: 200, pending: 0, balanced: true });
    expect(row?.expired).toBeGreaterThan(50);
    expect(row?.handled).toBe(200 - (row?.expired ?? 0));
  });

  it("retention gets its turn although emits never pause", async () => {
    const mesh = await testMesh(backend, {
      pruneIntervalMs: 50,
      maxCommitSignals: 8,
      maxJournalBytes: 200_000,
    });
    const left = await mesh.open("left");
    let stop = false;
    const emitter = async () => {
      for (let n = 1; !stop; n++) await left.emit("Q_TEST_BRIEF", { n, pad: "x".repeat(1_000) });
    };
    const emitters = Array.from({ length: 20 }, emitter);
    try {
      await eventually(
        async () => (await firstSeq(mesh, left)) > 1,
        () => left.stats(),
        5_000,
      );
    } finally {
      stop = true;
      await Promise.all(emitters);
    }
  });
}

async function firstSeq(mesh: TestMesh, node: Node): Promise<number> {
  const inspection = inspectHome(mesh.home);
  const first = inspection.journals.get(node.daemon)?.firstSeq ?? 0;
  await inspection.close();
  return first;
}
