/** A journal that is not what it was: replaced by a new one, or set back to an old copy of itself (P4, P7). */
import { cpSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Node } from "../../src/node/api.ts";
import { inspectHome } from "../../src/node/inspect-home.ts";
import type { Envelope } from "../../src/signal/envelope.ts";
import type { Backend } from "../mesh/backend.ts";
import { eventually } from "../mesh/eventually.ts";
import { countEffect, expectEffectsOnce, testMesh, type TestMesh } from "../mesh/test-mesh.ts";

const journalOf = (mesh: TestMesh, daemon: string) => join(mesh.home, "journal", daemon);

export function journalLifeTests(backend: Backend): void {
  it("an emitter restarted again and again, whether it ever emitted or not, alarms nobody", async () => {
    const mesh = await testMesh(backend);
    const alerts: Envelope[] = [];
    const warden = await mesh.open("warden", { Q_HEALTH_ALERT: (signal) => void alerts.push(signal) });
    const right = await mesh.open("right", { Q_TEST_PING: countEffect });
    for (let round = 0; round < 4; round++) {
      const left = await mesh.open("left");
      const met = [left.stats().epoch];
      await eventually(async () => {
        const inspection = inspectHome(mesh.home);
        const known = inspection.journals.get("right")?.progress().get("left")?.epochs ?? [];
        await inspection.close();
        return known.some(({ epoch }) => met.includes(epoch));
      });
      if (round > 1) await left.emit("Q_TEST_PING", { n: round - 1 });
      await left.close();
    }
    const left = await mesh.open("left");
    await left.emit("Q_TEST_PING", { n: 3 });
    await eventually(() => right.stats().handled === 3);
    await mesh.settled(right, warden);
    expectEffectsOnce(right, 1, 3);
    expect(alerts).toEqual([]);
  });

  it("a journal that was replaced by a new one is noticed, and all of the new one is handled", async () => {
    const mesh = await testMesh(backend);
    const alerts: Envelope[] = [];
    const warden = await mesh.open("warden", { Q_HEALTH_ALERT: (signal) => void alerts.push(signal) });
    let left = await mesh.open("left");
    const right = await mesh.open("right", { Q_TEST_PING: countEffect });
    const far = await mesh.open("far", { Q_TEST_PING: [countEffect, { from: "now" }] });
    await mesh.burst(left, "Q_TEST_PING", 1, 20);
    await eventually(() => right.stats().handled === 20);
    await mesh.settled(right, far);
    await left.close();
    await far.close();
    rmSync(journalOf(mesh, "left"), { recursive: true });
    left = await mesh.open("left");
    await mesh.burst(left, "Q_TEST_PING", 21, 40);
    const back = await mesh.open("far", { Q_TEST_PING: [countEffect, { from: "now" }] });
    await eventually(
      () => right.stats().handled === 40 && back.stats().handled === 20,
      () => [right.stats(), back.stats()],
    );
    await eventually(() => alerts.some(({ source }) => source === "right"));
    expect(alerts[0]).toMatchObject({ facts: { alert_type: "signals_lost" } });
    expectEffectsOnce(right, 1, 40);
    expectEffectsOnce(back, 1, 40);
    await mesh.settled(right, back, warden);
  });

  it("a journal set back to an old copy is noticed, nothing is handled twice, and what is new is handled", async () => {
    const mesh = await testMesh(backend);
    const alerts: Envelope[] = [];
    const warden = await mesh.open("warden", { Q_HEALTH_ALERT: (signal) => void alerts.push(signal) });
    const right = await mesh.open("right", { Q_TEST_PING: countEffect });
    let left = await mesh.open("left");
    await mesh.burst(left, "Q_TEST_PING", 1, 10);
    await eventually(() => right.stats().handled === 10);
    await mesh.settled(right);
    left = await setBack(mesh, left, async (node) => {
      await mesh.burst(node, "Q_TEST_PING", 11, 20);
      await eventually(() => right.stats().handled === 20);
      await mesh.settled(right);
    });
    await eventually(() => alerts.length > 0);
    expect(alerts.map(({ facts }) => facts["alert_type"])).toContain("journal_set_back");
    await mesh.burst(left, "Q_TEST_PING", 21, 30);
    await eventually(
      () => right.stats().handled === 30,
      () => right.stats(),
    );
    expectEffectsOnce(right, 1, 30);
    await mesh.settled(right, warden);
  });

  it("a journal set back and written on before its consumer returns is noticed all the same", async () => {
    const mesh = await testMesh(backend);
    const alerts: Envelope[] = [];
    await mesh.open("warden", { Q_HEALTH_ALERT: (signal) => void alerts.push(signal) });
    const right = await mesh.open("right", { Q_TEST_PING: countEffect });
    let left = await mesh.open("left");
    await mesh.burst(left, "Q_TEST_PING", 1, 10);
    await eventually(() => right.stats().handled === 10);
    await mesh.settled(right);
    left = await setBack(mesh, left, async (node) => {
      await mesh.burst(node, "Q_TEST_PING", 11, 20);
      await eventually(() => right.stats().handled === 20);
      await mesh.settled(right);
      await right.close();
    });
    await mesh.burst(left, "Q_TEST_PING", 21, 40);
    const back = await mesh.open("right", { Q_TEST_PING: countEffect });
    await eventually(
      () => back.stats().handled === 20,
      () => back.stats(),
    );
    await eventually(() => alerts.length > 0);
    expectEffectsOnce(back, 1, 40);
    await mesh.settled(back);
  });
}

/** Copies the journal of `node`, lets more happen, then puts the copy back. */
async function setBack(mesh: TestMesh, node: Node, more: (node: Node) => Promise<void>): Promise<Node> {
  const { daemon } = node;
  const path = journalOf(mesh, daemon);
  const copy = join(mesh.home, "copy");
  await node.close();
  cpSync(path, copy, { recursive: true });
  const again = await mesh.open(daemon);
  await more(again);
  await again.close();
  rmSync(path, { recursive: true });
  cpSync(copy, path, { recursive: true });
  rmSync(copy, { recursive: true });
  return mesh.open(daemon);
}
