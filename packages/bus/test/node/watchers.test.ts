/** A daemon that emits the timeout of an expectation hears what begins and ends it, and holds nobody's journal for ever. */
import { expect, it } from "vitest";
import type { Node } from "../../src/node/api.ts";
import { auditHome } from "../../src/node/audit-home.ts";
import { inspectHome } from "../../src/node/inspect-home.ts";
import type { Contract } from "../../src/signal/contract.ts";
import { memoryBackend } from "../mesh/backend.ts";
import { meshContracts } from "../mesh/contracts.ts";
import { eventually } from "../mesh/eventually.ts";
import { testMesh, type TestMesh } from "../mesh/test-mesh.ts";

const DAY_MS = 86_400_000;

/** `warden` may say that no pong followed a ping. */
const WATCHED: Record<string, Partial<Contract>> = {
  Q_TEST_PING: {
    expects: {
      any_of: ["Q_TEST_PONG"],
      within_seconds: 1,
      on_timeout: "Q_TEST_BRIEF",
      suggested_action: "x",
    },
  },
  Q_TEST_BRIEF: { emitters: ["warden"] },
};
const contracts = meshContracts(WATCHED);

async function firstSeq(mesh: TestMesh, node: Node): Promise<number> {
  const inspection = inspectHome(mesh.home);
  const first = inspection.journals.get(node.daemon)?.firstSeq ?? 0;
  await inspection.close();
  return first;
}

it("it may handle what it watches without being listed, and stands in the books", async () => {
  const mesh = await testMesh(memoryBackend);
  const heard: string[] = [];
  const left = await mesh.open("left", {}, { contracts });
  const right = await mesh.open("right", {}, { contracts });
  const hear = (signal: { signal: string }) => void heard.push(signal.signal);
  const warden = await mesh.open("warden", { Q_TEST_PING: hear, Q_TEST_PONG: hear }, { contracts });
  await mesh.burst(left, "Q_TEST_PING", 1, 1);
  await mesh.burst(right, "Q_TEST_PONG", 1, 1);
  await mesh.settled(warden);
  expect(heard.sort()).toEqual(["Q_TEST_PING", "Q_TEST_PONG"]);
  const { rows } = await auditHome(mesh.home);
  expect(rows.filter(({ consumer }) => consumer === "warden")).toMatchObject([
    { signal: "Q_TEST_PING", emitted: 1, handled: 1 },
    { signal: "Q_TEST_PONG", emitted: 1, handled: 1 },
  ]);
});

it("a watcher that has never run pins nothing; one that was here before is waited for", async () => {
  const mesh = await testMesh(memoryBackend, { pruneIntervalMs: 50, maxCommitSignals: 1 });
  let now = Date.now();
  const left = await mesh.open("left", {}, { contracts, now: () => now });
  const right = await mesh.open("right", { Q_TEST_PING: () => undefined }, { contracts });
  await mesh.burst(left, "Q_TEST_PING", 1, 5);
  await mesh.settled(right);
  now += 60 * DAY_MS;
  await eventually(async () => (await firstSeq(mesh, left)) === 6);

  const warden = await mesh.open("warden", { Q_TEST_PING: () => undefined }, { contracts });
  await mesh.burst(left, "Q_TEST_PING", 6, 7);
  await mesh.settled(right, warden);
  await warden.close();
  await mesh.burst(left, "Q_TEST_PING", 8, 10);
  await eventually(() => right.stats().handled === 10);
  now += 60 * DAY_MS;
  await eventually(async () => (await firstSeq(mesh, left)) === 8);
  const until = performance.now() + 200;
  await eventually(() => performance.now() > until);
  expect(await firstSeq(mesh, left)).toBe(8);
});

it("who neither consumes nor watches any more is not waited for, though it once did", async () => {
  const mesh = await testMesh(memoryBackend, { pruneIntervalMs: 50, maxCommitSignals: 1 });
  let now = Date.now();
  let left = await mesh.open("left", {}, { contracts, now: () => now });
  const warden = await mesh.open("warden", { Q_TEST_PING: () => undefined }, { contracts });
  await mesh.burst(left, "Q_TEST_PING", 1, 2);
  await mesh.settled(warden);
  await warden.close();
  await left.close();
  // The expectation is taken out of the contract.
  left = await mesh.open("left", {}, { contracts: meshContracts(), now: () => now });
  await mesh.burst(left, "Q_TEST_PING", 3, 5);
  now += 60 * DAY_MS;
  await eventually(async () => (await firstSeq(mesh, left)) === 6);
});
