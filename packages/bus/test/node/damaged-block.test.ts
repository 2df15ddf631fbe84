/** A journal with damaged blocks: reported, counted once, and everything around them is handled (P4, P7). */
import { join } from "node:path";
import { expect, it } from "vitest";
import type { Node } from "../../src/node/api.ts";
import { auditHome } from "../../src/node/audit-home.ts";
import type { Envelope } from "../../src/signal/envelope.ts";
import { flipByte, openJournal } from "../journal/fill-journal.ts";
import { memoryBackend } from "../mesh/backend.ts";
import { eventually } from "../mesh/eventually.ts";
import { countEffect, testMesh, type TestMesh } from "../mesh/test-mesh.ts";

it("a consumer passes over damaged blocks, tells how many signals of each name are lost, and the books balance", async () => {
  const mesh = await testMesh(memoryBackend, { maxCommitSignals: 6, maxFetchSignals: 4, maxInboxSignals: 3 });
  const alerts: Envelope[] = [];
  const warden = await mesh.open("warden", { Q_HEALTH_ALERT: (signal) => void alerts.push(signal) });
  const left = await mesh.open("left");
  const far = await mesh.open("far", { Q_TEST_PING: countEffect });
  await emitMixed(left, 120);
  await mesh.settled(far);
  await left.close();
  const lost = await damage(mesh, [2, 5, 6, 9]);
  const again = await mesh.open("left");
  let right = await mesh.open("right", { Q_TEST_PING: countEffect, Q_TEST_KEYED: () => undefined });
  await eventually(() => right.stats().handled > 30);
  await right.close();
  right = await mesh.open("right", { Q_TEST_PING: countEffect, Q_TEST_KEYED: () => undefined });
  await emitMixed(again, 30);
  await mesh.settled(right, far, warden);
  const rows = (await auditHome(mesh.home)).rows.filter(({ signal }) => signal.startsWith("Q_TEST"));
  expect(rows.map(({ consumer, signal, expired }) => [consumer, signal, expired])).toEqual([
    ["right", "Q_TEST_KEYED", lost["Q_TEST_KEYED"]],
    ["far", "Q_TEST_PING", 0],
    ["right", "Q_TEST_PING", lost["Q_TEST_PING"]],
  ]);
  expect(alerts.map(({ facts }) => facts["alert_type"])).toContain("signals_lost");
});

it("a damaged block at the end of the journal is passed over as well, once", async () => {
  const mesh = await testMesh(memoryBackend, { maxCommitSignals: 6 });
  const left = await mesh.open("left");
  await emitMixed(left, 60);
  await left.close();
  const lost = await damage(mesh, [-1]);
  const again = await mesh.open("left");
  const right = await mesh.open("right", { Q_TEST_PING: countEffect });
  await mesh.settled(right);
  await emitMixed(again, 20);
  await mesh.settled(right);
  const row = (await auditHome(mesh.home)).rows.find(({ signal }) => signal === "Q_TEST_PING");
  expect(row).toMatchObject({ consumer: "right", expired: lost["Q_TEST_PING"], balanced: true });
});

async function emitMixed(node: Node, count: number): Promise<void> {
  const receipts = [];
  for (let n = 1; n <= count; n++)
    receipts.push(node.emit(n % 3 === 0 ? "Q_TEST_KEYED" : "Q_TEST_PING", { n: node.stats().lastSeq + n }));
  await Promise.all(receipts);
}

/** Flips a bit in each of these blocks of the journal of `left`; tells how many signals of each name they held. */
async function damage(mesh: TestMesh, which: readonly number[]): Promise<Record<string, number>> {
  const path = join(mesh.home, "journal", "left");
  const journal = openJournal(path);
  const headers = [...journal.headers()];
  await journal.close();
  const lost: Record<string, number> = {};
  for (const index of which) {
    const block = headers.at(index);
    if (block?.header === undefined || block.header === null) throw new Error(`no block ${String(index)}`);
    await flipByte(path, block.first, block.bytes - 40);
    for (const [name, { count }] of Object.entries(block.header.names))
      lost[name] = (lost[name] ?? 0) + count;
  }
  return lost;
}
