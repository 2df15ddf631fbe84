/** The disk of a whole mesh fills up, and is freed again: what was asked waits, nothing is lost, nobody needs to help. */
import { mkdirSync, writeFileSync } from "node:fs";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { describe, expect, it } from "vitest";
import { run } from "../mesh/commands.ts";
import { eventually } from "../mesh/eventually.ts";
import { dropIntent } from "../mesh/intents.ts";
import { faultsOf, HAND_WRITTEN } from "../mesh/outcomes.ts";
import { type RunningMesh, startMesh } from "../mesh/running-mesh.ts";
import { countSignals } from "../mesh/signals.ts";
import { tempFolder } from "../mesh/temp-folder.ts";
import { type TinyModule, writeTinyModules } from "../mesh/tiny-modules.ts";
import { canMountDisks, SmallDisk } from "./small-disk.ts";

const MEGABYTES = 32;
const MODULES = 120;
/** How long the disk stays full, in milliseconds: several tries of everything that tries again. */
const FULL_MS = 3_000;
const SETTINGS = "limits:\n  disk_reserve_bytes: 2MiB\n";
const CAN = canMountDisks();

if (!CAN) console.warn("SKIPPED: a full disk can only be had by root (mount)");

describe.skipIf(!CAN)("a mesh whose disk is full", () => {
  it("refuses emits and leaves intents where they are while less than the reserve is free, then goes on by itself", async () => {
    const { disk, mesh, modules } = await meshOnSmallDisk();
    const { home } = mesh;
    disk.fill(1_500_000);
    for (const { name, intent } of modules) await dropIntent(home, name, intent);
    await sleep(FULL_MS); // What must not happen has no moment to wait for.
    expect((await intentFiles(home)).length).toBe(modules.length);
    expect(await countSignals(home, "intent_router", "Q_CURIOSITY_INVESTIGATE")).toBe(0);
    const refused = await run("chem-bus", "emit", "Q_CURIOSITY_INVESTIGATE", FACTS, "--home", home);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toMatch(/disk_reserve_bytes.*free some space/);
    await expectUnharmed(mesh);
    disk.free();
    await expectWholeStory(mesh, modules);
  });

  it("loses nothing when the last byte is taken while intents flow, and goes on by itself", async () => {
    const { disk, mesh, modules } = await meshOnSmallDisk();
    for (const { name, intent } of modules) await dropIntent(mesh.home, name, intent);
    await eventually(
      "some modules are discovered",
      async () => (await countSignals(mesh.home, "orchestrator_monitor", "Q_MODULE_DISCOVERED")) > 5,
    );
    const until = performance.now() + FULL_MS;
    while (performance.now() < until) {
      disk.fill(); // Again and again: what is freed by rotating and deleting is taken, too.
      await sleep(20);
    }
    await expectUnharmed(mesh);
    disk.free();
    await expectWholeStory(mesh, modules);
  });
});

const FACTS = JSON.stringify({
  question: "Is there room?",
  question_id: "curiosity_room",
  priority: "normal",
  evidence: [],
});

interface OnSmallDisk {
  readonly disk: SmallDisk;
  readonly mesh: RunningMesh & { readonly workspace: string };
  readonly modules: readonly TinyModule[];
}

/** Its output goes to a file on the same disk. */
async function meshOnSmallDisk(): Promise<OnSmallDisk> {
  const folder = await tempFolder();
  const disk = new SmallDisk(folder, MEGABYTES);
  const workspace = join(folder, "workspace");
  const modules = await writeTinyModules(workspace, MODULES);
  const home = join(disk.path, "home");
  mkdirSync(home, { mode: 0o700 });
  writeFileSync(join(home, "capabilities.yaml"), HAND_WRITTEN);
  const mesh = await startMesh({ home, workspace, settings: SETTINGS });
  return { disk, mesh: Object.assign(mesh, { workspace }), modules };
}

async function intentFiles(home: string): Promise<string[]> {
  return (await readdir(join(home, "intents"))).filter((name) => name.endsWith(".json"));
}

async function expectUnharmed(mesh: RunningMesh): Promise<void> {
  const daemons = await mesh.daemons();
  expect(daemons.map(({ name, state, restarts }) => ({ name, state, restarts }))).toEqual(
    daemons.map(({ name }) => ({ name, state: "ready", restarts: 0 })),
  );
}

async function expectWholeStory(
  mesh: RunningMesh & { readonly workspace: string },
  modules: readonly TinyModule[],
): Promise<void> {
  let count = 0;
  await eventually(
    () => `all ${modules.length} modules are discovered, now ${count}; the mesh said:\n${mesh.lastLines()}`,
    async () => {
      count = await countSignals(mesh.home, "orchestrator_monitor", "Q_MODULE_DISCOVERED");
      return count === modules.length;
    },
    45_000,
  );
  expect(await mesh.stop()).toBe(0);
  expect(await faultsOf(mesh.home, mesh.workspace, modules)).toEqual([]);
}
