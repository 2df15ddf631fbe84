import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadContracts } from "@kloros/bus";
import { expect, it, onTestFinished } from "vitest";
import { affectedDaemons } from "../../src/daemons/affected-daemons.ts";
import { newDaemon } from "../../src/new/daemon/new-daemon.ts";

async function affectedBy(consumes: string[]): Promise<string[]> {
  const dir = await mkdtemp(join(tmpdir(), "kloros-affected-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const { folder } = await newDaemon({ name: "scribe", dir, home: dir, consumes });
  const after = loadContracts({ extraDirs: [join(folder, "contracts")] });
  expect(affectedDaemons(after, loadContracts())).toEqual(affectedDaemons(loadContracts(), after));
  return affectedDaemons(loadContracts(), after);
}

it("a new daemon concerns those who hear it and who watch its deadlines, and nobody else", async () => {
  expect(await affectedBy([])).toEqual(["kloros_policy_engine", "orchestrator_monitor"]);
});

it("a new consumer of a shipped signal concerns its emitter, who must keep what it has not heard yet", async () => {
  expect(await affectedBy(["Q_WINNER_DEPLOYED"])).toEqual([
    "kloros_policy_engine",
    "winner_deployer_daemon",
    "orchestrator_monitor",
  ]);
});

it("contracts that stay as they are concern nobody", () => {
  expect(affectedDaemons(loadContracts(), loadContracts())).toEqual([]);
});
