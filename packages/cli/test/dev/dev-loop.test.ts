import { setTimeout as sleep } from "node:timers/promises";
import { expect, it, onTestFinished, vi } from "vitest";
import { DevLoop } from "../../src/dev/dev-loop.ts";
import type { BuildResult } from "../../src/dev/run-build.ts";
import type { SourceUnit } from "../../src/dev/source-units.ts";

function unit(name: string): SourceUnit {
  const folder = `/${name}`;
  const packages = [{ name, folder, output: `${folder}/dist` }];
  return { name, folder, build: ["make"], sources: [folder], packages };
}

const CLEAN: BuildResult = { kind: "clean", tookMs: 1 };
const BROKEN: BuildResult = { kind: "broken", tookMs: 1, output: "no" };

/** A loop over files in memory; builds do what the test says, when it says so. */
async function loopOver(...units: SourceUnit[]) {
  const disk = new Map(units.map(({ folder }) => [folder, "as it was"]));
  const told: string[] = [];
  const building: string[] = [];
  let build: (unit: SourceUnit) => BuildResult | Promise<BuildResult> = () => CLEAN;
  const loop = new DevLoop(units, {
    build: async (one) => {
      building.push(one.name);
      return build(one);
    },
    digest: async ({ folder }) => new Map([["main.js", disk.get(folder)!]]),
    onClean: (one, changed) => {
      told.push(`${one.name}: ${changed.flatMap(({ files }) => files).join(",") || "nothing"}`);
    },
    onBroken: (one) => told.push(`${one.name} is broken`),
    quietMs: 5,
  });
  await loop.begin();
  onTestFinished(async () => loop.end());
  const builds = (how: typeof build) => {
    build = how;
  };
  return { loop, disk, told, building, builds };
}

const soon = async (check: () => void): Promise<void> => vi.waitFor(check, { timeout: 5_000, interval: 2 });

it("many changes at once are one build, and who runs on what it changed is told once", async () => {
  const one = unit("one");
  const { loop, disk, told, building, builds } = await loopOver(one, unit("two"));
  builds(() => {
    disk.set("/one", "new");
    return CLEAN;
  });
  for (let change = 0; change < 50; change++) loop.sourcesChanged(one);
  await soon(() => expect(told).toEqual(["one: main.js"]));
  loop.outputsChanged(one); // The watch's late news of our own build.
  await sleep(30);
  expect(told).toHaveLength(1);
  expect(building).toEqual(["one"]);
});

it("a build that changes nothing that runs restarts nobody", async () => {
  const one = unit("one");
  const { loop, told } = await loopOver(one);
  loop.sourcesChanged(one);
  await soon(() => expect(told).toEqual(["one: nothing"]));
});

it("a broken build restarts nobody, whatever it put down; the next clean one tells all that differs", async () => {
  const one = unit("one");
  const { loop, disk, told, building, builds } = await loopOver(one);
  builds(() => {
    disk.set("/one", "half of it");
    return BROKEN;
  });
  loop.sourcesChanged(one);
  await soon(() => expect(told).toEqual(["one is broken"]));
  loop.outputsChanged(one);
  await sleep(30);
  expect(told).toEqual(["one is broken"]);
  expect(building).toHaveLength(1);
  builds(() => CLEAN);
  loop.sourcesChanged(one);
  await soon(() => expect(told).toEqual(["one is broken", "one: main.js"]));
});

it("what somebody else repairs after a broken build is built, and believed only then", async () => {
  const one = unit("one");
  const { loop, disk, told, builds } = await loopOver(one);
  builds(() => BROKEN);
  loop.sourcesChanged(one);
  await soon(() => expect(told).toHaveLength(1));
  builds(() => CLEAN);
  disk.set("/one", "repaired");
  loop.outputsChanged(one);
  await soon(() => expect(told).toEqual(["one is broken", "one: main.js"]));
});

it("what somebody else builds is seen without a build of our own", async () => {
  const one = unit("one");
  const { loop, disk, told, building } = await loopOver(one);
  disk.set("/one", "built elsewhere");
  loop.outputsChanged(one);
  await soon(() => expect(told).toEqual(["one: main.js"]));
  expect(building).toEqual([]);
});

it("a change during a build leads to another one, one at a time", async () => {
  const one = unit("one");
  const { loop, disk, told, building, builds } = await loopOver(one);
  let atOnce = 0;
  let most = 0;
  builds(async () => {
    most = Math.max(most, ++atOnce);
    if (building.length === 1) loop.sourcesChanged(one);
    await sleep(20);
    disk.set("/one", `build ${String(building.length)}`);
    atOnce--;
    return CLEAN;
  });
  loop.sourcesChanged(one);
  await soon(() => expect(told).toHaveLength(2));
  expect([building.length, most]).toEqual([2, 1]);
});

it("after its end nothing is built any more", async () => {
  const one = unit("one");
  const { loop, building } = await loopOver(one);
  loop.sourcesChanged(one);
  await loop.end();
  loop.sourcesChanged(one);
  await sleep(20);
  expect(building).toEqual([]);
});
