/** The same winner asked for again and again, before, during and after its deployment. */
import { readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { acquireFileLock } from "@kloros/bus";
import { cyclePaths, versionIds } from "@kloros/experiments";
import { expect, it } from "vitest";
import { anExperiment, lab, put, until } from "./lab.ts";
import { startDeployer, surroundings } from "./mesh.ts";

const LONG_PROBATION = {
  experiment: { probation: { command: ["sh", "-c", "echo run >> {home}/runs; sleep 60"], seconds: 1 } },
};

it("a second completion of the same cycle changes and announces nothing, a request is answered again", async () => {
  const home = await lab();
  const mesh = await surroundings(home);
  await startDeployer(home);
  await home.winner("dream_1", 5);
  await mesh.answerTo(await mesh.complete("dream_1"));
  await mesh.complete("dream_1");
  const request = await mesh.request("dream_1");
  expect(await mesh.answerTo(request)).toMatchObject({
    signal: "Q_WINNER_DEPLOYED",
    facts: { cycle_id: "dream_1", winner_id: "c00042", version_id: "dream_1", fitness: 5 },
  });
  const retry = await mesh.request("dream_1", { retry_of: "x", attempt: 2 });
  expect((await mesh.answerTo(retry)).signal).toBe("Q_WINNER_DEPLOYED");
  expect(mesh.answers).toHaveLength(3);
  expect(await home.history()).toHaveLength(1);
});

it("who asks while it runs gets the same one answer, once for each story", async () => {
  const home = await lab();
  const mesh = await surroundings(home);
  const deployer = await startDeployer(home);
  await home.winner("dream_1", 5, LONG_PROBATION);
  const first = await mesh.complete("dream_1");
  await until("the probation", async () => readFile(join(home.home, "runs")).catch(() => null));
  expect(await deployer.control("deployments:status")).toMatchObject([
    { cycle_id: "dream_1", doing: "probation" },
  ]);
  const second = await mesh.request("dream_1", { retry_of: first, attempt: 2 });
  expect((await mesh.answerTo(second)).signal).toBe("Q_WINNER_DEPLOYED");
  expect((await mesh.answerTo(first)).signal).toBe("Q_WINNER_DEPLOYED");
  expect(await readFile(join(home.home, "runs"), "utf8")).toBe("run\n");
  expect(await home.history()).toHaveLength(1);
});

it("what failed for good is answered with the same failure to a retry, and tried again for an operator", async () => {
  const home = await lab();
  const mesh = await surroundings(home);
  await startDeployer(home);
  await home.winner("dream_1", 5, {
    experiment: { validate: { command: ["test", "-f", "{home}/mended"], timeout_s: 10 } },
  });
  expect((await mesh.answerTo(await mesh.complete("dream_1"))).facts["error_type"]).toBe("ValidationFailed");
  await put(join(home.home, "mended"), "");
  const retry = await mesh.answerTo(await mesh.request("dream_1", { retry_of: "x", attempt: 2 }));
  expect(retry.facts).toMatchObject({ error_type: "ValidationFailed", rollback_completed: true });
  expect((await mesh.answerTo(await mesh.request("dream_1"))).signal).toBe("Q_WINNER_DEPLOYED");
  expect(await home.history()).toMatchObject([
    { id: "dream_1.1.refused", error_type: "ValidationFailed" },
    { id: "dream_1.2.deployed" },
  ]);
});

it("an older winner is not brought back by a retry", async () => {
  const home = await lab();
  const mesh = await surroundings(home);
  await startDeployer(home);
  for (const [cycle, x] of [
    ["dream_1", 5],
    ["dream_2", 6],
  ] as const) {
    await home.winner(cycle, x);
    await mesh.answerTo(await mesh.complete(cycle));
  }
  const retry = await mesh.answerTo(await mesh.request("dream_1", { retry_of: "x" }));
  expect(retry.facts).toMatchObject({
    error_type: "Superseded",
    rollback_completed: true,
    retry_possible: false,
  });
  const wish = await mesh.answerTo(await mesh.request("dream_1")); // An operator's: measured like any other.
  expect(wish.facts).toMatchObject({ error_type: "WorseThanDeployed" });
  expect((await home.deployed()).current).toBe("dream_2");
  expect(await versionIds(home.paths)).toEqual(["dream_1", "dream_2"]);
});

it("ids that would be paths are refused, and the next signal is handled", async () => {
  const home = await lab();
  const mesh = await surroundings(home);
  await startDeployer(home);
  for (const cycle of ["../../etc", "a/b", ".hidden", "x".repeat(900)]) {
    const { facts } = await mesh.answerTo(await mesh.complete(cycle));
    expect(facts).toMatchObject({ error_type: "WinnerUnreadable", rollback_completed: true });
  }
  const escape = await mesh.answerTo(await mesh.complete("dream_0", { winner_path: "../../../etc/passwd" }));
  expect(escape.facts["error_message"]).toMatch(/cannot be read|lies outside/u);
  const strange = await mesh.answerTo(await mesh.complete("dream_0b", { experiment: "../x" }));
  expect(strange.facts["error_message"]).toMatch(/experiment ".*" cannot be a folder's name/u);
  await home.winner("dream_1", 5);
  expect((await mesh.answerTo(await mesh.complete("dream_1"))).signal).toBe("Q_WINNER_DEPLOYED");
});

it("deployments of one experiment follow one another, those of others run beside them", async () => {
  const home = await lab();
  const mesh = await surroundings(home);
  const deployer = await startDeployer(home);
  await home.winner("dream_1", 5, LONG_PROBATION);
  await home.winner("dream_2", 6);
  await home.winner("other_1", 1, { experiment: { ...anExperiment(), name: "other" } });
  const ids = [];
  for (const cycle of ["dream_1", "dream_2", "other_1"]) ids.push(await mesh.complete(cycle));
  const answers = await Promise.all(ids.map((id) => mesh.answerTo(id)));
  expect(answers.map(({ signal }) => signal)).toEqual(Array(3).fill("Q_WINNER_DEPLOYED"));
  expect(mesh.answers.map(({ facts }) => facts["cycle_id"])).toEqual(["other_1", "dream_1", "dream_2"]);
  expect(answers[1]?.facts["previous_version_id"]).toBe("dream_1");
  expect(await deployer.control("deployments:list")).toMatchObject([
    { experiment: "other", current: { version_id: "other_1" }, running: null },
    { experiment: "tune", current: { version_id: "dream_2" }, previous_version_id: "dream_1" },
  ]);
});

it("a lock that another process holds keeps a new deployment out, for a while and then for good", async () => {
  const home = await lab();
  const mesh = await surroundings(home);
  await startDeployer(home, { lock_deadline: 100 });
  await home.winner("dream_1", 5);
  const held = acquireFileLock(join(home.home, "run/deployed-tune.lock"), { name: "somebody" });
  const { facts } = await mesh.answerTo(await mesh.complete("dream_1"));
  expect(facts).toMatchObject({ error_type: "Locked", retry_possible: true, rollback_completed: true });
  if (held.kind === "held") held.lock.release();
  expect((await mesh.answerTo(await mesh.request("dream_1", { retry_of: "x" }))).signal).toBe(
    "Q_WINNER_DEPLOYED",
  );
});

it("more than may wait are refused, each with an answer", async () => {
  const home = await lab();
  const mesh = await surroundings(home);
  await startDeployer(home, { max_queued: 1 });
  await home.winner("dream_1", 5, LONG_PROBATION);
  await home.winner("dream_2", 6);
  const first = await mesh.complete("dream_1");
  await until("the probation", async () => readFile(join(home.home, "runs")).catch(() => null));
  const second = await mesh.answerTo(await mesh.complete("dream_2"));
  expect(second.facts).toMatchObject({ error_type: "QueueFull", retry_possible: true });
  expect((await mesh.answerTo(first)).signal).toBe("Q_WINNER_DEPLOYED");
  expect((await mesh.answerTo(await mesh.request("dream_2", { retry_of: "x" }))).signal).toBe(
    "Q_WINNER_DEPLOYED",
  );
});

it("versions beyond those that are kept go, never the one in place nor the one before", async () => {
  const home = await lab();
  const mesh = await surroundings(home);
  await startDeployer(home);
  await put(
    join(home.home, "dream_lab/dream.yaml"),
    'retention: {keep_versions: 1}\nexperiments:\n  - name: tune\n    search_space: {x: {type: real, min: 0, max: 9}}\n    evaluator: {command: ["true"]}\n',
  );
  await put(join(home.paths.version("by-hand"), "note"), "keep me");
  for (const number of [1, 2, 3, 4, 5]) {
    await home.winner(`dream_${String(number)}`, number);
    const { signal } = await mesh.answerTo(await mesh.complete(`dream_${String(number)}`));
    expect(signal).toBe("Q_WINNER_DEPLOYED");
  }
  expect(await versionIds(home.paths)).toEqual(["by-hand", "dream_3", "dream_4", "dream_5"]);
});

it("a daemon that is stopped in the middle goes on with it at its next start, and measures only what is missing", async () => {
  const home = await lab();
  const mesh = await surroundings(home);
  const deployer = await startDeployer(home);
  const slow = `echo $KLOROS_SEED >> {home}/seeds; test "$(wc -l < {home}/seeds)" = 2 && sleep 60; echo '{"fitness": 5}'`;
  await home.winner("dream_1", 5, {
    experiment: {
      evaluator: { ...anExperiment().evaluator, command: ["sh", "-c", slow] },
      acceptance: { repeats: 3, max_p_value: 0.05, min_improvement: 0 },
    },
  });
  const asked = await mesh.complete("dream_1");
  const seeds = async () =>
    (await readFile(join(home.home, "seeds"), "utf8").catch(() => "")).split("\n").filter(Boolean);
  await until("the second measurement", async () => (await seeds()).length === 2);
  await deployer.stop();
  expect(mesh.answers).toEqual([]);
  await startDeployer(home);
  expect((await mesh.answerTo(asked)).signal).toBe("Q_WINNER_DEPLOYED");
  const [first, second, again, third, ...more] = await seeds();
  expect(again).toBe(second);
  expect(new Set([first, second, third]).size).toBe(3);
  expect(more).toEqual([]);
  await rm(cyclePaths(home.home, "dream_1").folder, { recursive: true });
});
