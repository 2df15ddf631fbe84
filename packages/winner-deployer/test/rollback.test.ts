/** What an operator takes back. */
import { appendFile, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { acquireFileLock, loadContracts, openNode } from "@kloros/bus";
import { expect, it } from "vitest";
import { lab, type Lab, until } from "./lab.ts";
import { switchCurrent } from "../src/version/switch-current.ts";
import { type Deployer, startDeployer, type Surroundings, surroundings } from "./mesh.ts";

async function withVersions(count: number): Promise<Lab & { mesh: Surroundings; deployer: Deployer }> {
  const home = await lab();
  const mesh = await surroundings(home);
  const deployer = await startDeployer(home);
  for (let number = 1; number <= count; number++) {
    await home.winner(`dream_${String(number)}`, number);
    await mesh.answerTo(await mesh.complete(`dream_${String(number)}`));
  }
  return { ...home, mesh, deployer };
}

const reverts = ({ answers }: Surroundings) =>
  answers.filter(({ signal }) => signal === "Q_DEPLOYMENT_REVERTED");

it("goes back one version after another, to nothing at last, and says so each time", async () => {
  const home = await withVersions(3);
  const rollback = async (data: object) =>
    home.deployer.control("deployments:rollback", { experiment: "tune", ...data });
  expect(await rollback({ reason: "slower on large files" })).toEqual({
    experiment: "tune",
    version_id: "dream_2",
    reverted_version_id: "dream_3",
    reason: "slower on large files",
  });
  expect((await home.deployed()).current).toBe("dream_2");
  await rollback({});
  expect((await home.deployed()).current).toBe("dream_1");
  await rollback({ to: "dream_3" });
  expect((await home.deployed()).current).toBe("dream_3");
  await rollback({ to: "dream_1" });
  await rollback({});
  expect((await home.deployed()).current).toBeNull();
  await until("five signals", () => reverts(home.mesh).length === 5);
  expect(reverts(home.mesh)[0]?.facts).toEqual({
    experiment: "tune",
    version_id: "dream_2",
    reverted_version_id: "dream_3",
    deployment_path: home.paths.version("dream_2"),
    reason: "slower on large files",
  });
  expect(reverts(home.mesh).at(-1)?.facts).toMatchObject({
    version_id: null,
    reverted_version_id: "dream_1",
  });
  await expect(rollback({})).rejects.toThrow(
    /tune has no version in place.*dream_1, dream_2, dream_3: chem-bus emit Q_DEPLOYMENT_REQUESTED/u,
  );
  expect((await home.mesh.answerTo(await home.mesh.request("dream_2"))).signal).toBe("Q_WINNER_DEPLOYED");
  expect((await home.deployed()).current).toBe("dream_2");
  expect((await home.history()).map(({ event }) => event)).toEqual([
    ...Array<string>(3).fill("deployed"),
    ...Array<string>(5).fill("reverted"),
    "deployed",
  ]);
});

it("what was taken back is not deployed again by a repeated completion or a retry, only by a wish", async () => {
  const home = await withVersions(2);
  await home.deployer.control("deployments:rollback", { experiment: "tune" });
  const before = await home.deployed();
  await home.mesh.complete("dream_2");
  const retry = await home.mesh.answerTo(await home.mesh.request("dream_2", { retry_of: "x" }));
  expect(retry.facts).toMatchObject({
    error_type: "Reverted",
    rollback_completed: true,
    retry_possible: false,
  });
  expect(await home.deployed()).toEqual(before);
  const wish = await home.mesh.answerTo(await home.mesh.request("dream_2"));
  expect(wish.facts).toMatchObject({ version_id: "dream_2", previous_version_id: "dream_1" });
});

it.each([
  [{}, "experiment is required"],
  ["tune", "data must be an object"],
  [{ experiment: "../x" }, "experiment must be the name"],
  [{ experiment: "tune", to: "../dream_1" }, "to must be the id of a version"],
  [{ experiment: "tune", reason: 7 }, "reason must be a string"],
  [{ experiment: "tune", force: true }, "force is unknown: known are experiment, to, reason"],
  [{ experiment: "tuna" }, "nothing was ever deployed of tuna; there are tune"],
  [{ experiment: "tune", to: "dream_9" }, "there is no version dream_9 any more; there are dream_1, dream_2"],
  [{ experiment: "tune", to: "dream_2" }, "dream_2 is in place already"],
])("%j is refused with a reason, and nothing changes", async (data, words) => {
  const home = await withVersions(2);
  const before = await home.deployed();
  await expect(home.deployer.control("deployments:rollback", data)).rejects.toThrow(words);
  expect(await home.deployed()).toEqual(before);
});

it("a damaged version is not put in place, a running deployment and a foreign lock are waited for by the operator", async () => {
  const home = await withVersions(2);
  const rollback = async () => home.deployer.control("deployments:rollback", { experiment: "tune" });
  await appendFile(join(home.paths.version("dream_1"), "params.json"), " ");
  await expect(rollback()).rejects.toThrow(/dream_1 is damaged and is not put in place.*SHA-256/u);
  const held = acquireFileLock(join(home.home, "run/deployed-tune.lock"), { name: "somebody" });
  await expect(rollback()).rejects.toThrow(/another process \(somebody, process \d+\) holds the lock/u);
  if (held.kind === "held") held.lock.release();
  await home.winner("dream_3", 9, {
    experiment: { probation: { command: ["sh", "-c", "touch {home}/runs; sleep 60"], seconds: 1 } },
  });
  const asked = await home.mesh.complete("dream_3");
  await until("the probation", async () => readFile(join(home.home, "runs")).catch(() => null));
  await expect(rollback()).rejects.toThrow(/a deployment of tune is under way/u);
  expect((await home.mesh.answerTo(asked)).signal).toBe("Q_WINNER_DEPLOYED");
  await rm(home.paths.version("dream_2"), { recursive: true });
  await expect(rollback()).rejects.toThrow(
    /there is no version dream_2 any more; there are dream_1, dream_3/u,
  );
});

it("a rollback that was cut off between its steps is finished by the next start, once", async () => {
  const home = await withVersions(2);
  await home.deployer.stop();
  // What a crash leaves behind: the wish written down, the switch made or not, nothing said.
  for (const isSwitched of [false, true]) {
    const node = await openNode({
      daemon: "winner_deployer_daemon",
      home: home.home,
      contracts: loadContracts(),
    });
    const [from, to] = ["dream_2", "dream_1"];
    const id = `cut-off-${String(isSwitched)}`;
    const wish = { id, experiment: "tune", from, to, reason: "cut off" };
    await node.transact((tx) => tx.state.put("revert:tune", wish));
    await node.close();
    await switchCurrent(home.paths, isSwitched ? to : from);
    const deployer = await startDeployer(home);
    expect((await home.deployed()).current).toBe("dream_1");
    await until("the signal", () => reverts(home.mesh).length === (isSwitched ? 2 : 1));
    expect((await home.history()).filter((line) => line["id"] === id)).toHaveLength(1);
    await deployer.stop();
  }
});

it("a version that is kept and fails when it is deployed again stays among the versions, untouched", async () => {
  const home = await withVersions(2);
  await home.deployer.control("deployments:rollback", { experiment: "tune" });
  const before = await home.deployed();
  await home.winner("dream_2", 2, { experiment: { probation: { command: ["false"], seconds: 20 } } });
  const { facts } = await home.mesh.answerTo(await home.mesh.request("dream_2"));
  expect(facts).toMatchObject({ error_type: "ProbationFailed", rollback_completed: true });
  expect(await home.deployed()).toEqual(before);
  expect(before.current).toBe("dream_1");
});
