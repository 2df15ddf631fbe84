/** Questions that are asked again: after a timeout (`retry_of`), or because their findings were not enough. */
import { loadContracts, type Node, openNode } from "@kloros/bus";
import { expect, it, onTestFinished } from "vitest";
import { startConsumer, startMesh } from "./mesh.ts";
import { tempTree } from "./temp-tree.ts";

const WORKSPACE = { "audio/__init__.py": "", "audio/play.py": "def play(): ...\n" };
const QUESTION = {
  question: "What does audio do?",
  question_id: "discover.module.audio",
  priority: "normal" as const,
  evidence: [],
};

async function nodeIn(home: string, daemon: string): Promise<Node> {
  const node = await openNode({ daemon, home, contracts: loadContracts() });
  onTestFinished(() => node.close());
  await node.start();
  return node;
}

it("a retry of what is recorded is answered with the record's completion, caused by the retry, also after rotation", async () => {
  const mesh = await startMesh();
  const workspace = await tempTree(WORKSPACE);
  const policy = await nodeIn(mesh.home, "kloros_policy_engine");
  startConsumer(mesh.home, workspace, ["--records-max-bytes", "4KiB", "--records-kept", "50"]);
  const first = await mesh.ask(QUESTION);
  await mesh.completed(1);
  for (let n = 0; n < 20; n++) await mesh.ask({ question_id: `curiosity_${n}` });
  await mesh.completed(21);
  const retry = await policy.emit("Q_CURIOSITY_INVESTIGATE", { ...QUESTION, attempt: 2, retry_of: first });
  await mesh.completed(22);
  const again = mesh.completions.at(-1);
  expect(again?.facts).toEqual(mesh.completions[0]?.facts);
  expect(again).toMatchObject({ causation_id: retry.id, correlation_id: retry.id });
  expect((await mesh.records()).filter((each) => each.investigation_id === `inv_${first}`)).toHaveLength(0);
});

it("a retry that overtakes its first signal does the work for both, once", async () => {
  const mesh = await startMesh();
  const workspace = await tempTree(WORKSPACE);
  const policy = await nodeIn(mesh.home, "kloros_policy_engine");
  const first = "0199d2a4-7a00-7000-8000-000000000001";
  const consumer = startConsumer(mesh.home, workspace);
  await policy.emit("Q_CURIOSITY_INVESTIGATE", { ...QUESTION, attempt: 2, retry_of: first });
  await mesh.completed(1);
  await policy.emit("Q_CURIOSITY_INVESTIGATE", QUESTION, { id: first });
  await mesh.completed(2);
  await policy.emit("Q_CURIOSITY_INVESTIGATE", { ...QUESTION, attempt: 3, retry_of: first });
  await mesh.completed(3);
  expect(mesh.completions.map(({ facts }) => facts.investigation_id)).toEqual(Array(3).fill(`inv_${first}`));
  expect(await mesh.records()).toHaveLength(1);
  expect(await consumer.health()).toMatchObject({ recovered: 2 });
});

it("a re-investigation is an investigation of its own, with a record and a completion", async () => {
  const mesh = await startMesh();
  const workspace = await tempTree(WORKSPACE);
  const dedup = await nodeIn(mesh.home, "semantic_dedup_consumer_daemon");
  startConsumer(mesh.home, workspace);
  const first = await mesh.ask(QUESTION);
  await mesh.completed(1);
  const request = await dedup.emit("Q_REINVESTIGATION_REQUESTED", {
    ...QUESTION,
    priority: "low",
    reason: "low_confidence",
    attempt: 1,
    previous_investigation_id: `inv_${first}`,
  });
  await mesh.completed(2);
  expect(mesh.completions[1]).toMatchObject({
    causation_id: request.id,
    facts: { question_id: QUESTION.question_id, investigation_id: `inv_${request.id}`, status: "completed" },
  });
  expect((await mesh.records()).map(({ investigation_id }) => investigation_id)).toEqual([
    `inv_${first}`,
    `inv_${request.id}`,
  ]);
});

it("an endless retry_of is not believed", async () => {
  const mesh = await startMesh();
  startConsumer(mesh.home, await tempTree(WORKSPACE));
  const id = await mesh.ask({ ...QUESTION, retry_of: "x".repeat(1024) });
  await mesh.completed(1);
  expect(mesh.completions[0]?.facts.investigation_id).toBe(`inv_${id}`);
});
