import { mkdir, mkdtemp, realpath, rename, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { loadContracts } from "@kloros/bus";
import { expect, it, onTestFinished, vi } from "vitest";
import { changedFiles, digestOf } from "../../src/dev/output-digests.ts";
import { sourceMap } from "../../src/dev/source-units.ts";
import { watchTrees } from "../../src/dev/tree-watch.ts";
import { installedDaemons } from "../../src/up/roster.ts";

const ROOT = fileURLToPath(new URL("../../../../", import.meta.url));

async function folder(): Promise<string> {
  const path = await realpath(await mkdtemp(join(tmpdir(), "kloros-dev-")));
  onTestFinished(() => rm(path, { recursive: true, force: true }));
  return path;
}

/** A user's daemon that depends on the kit, as npm links it. */
async function ownDaemon() {
  const at = await folder();
  await mkdir(join(at, "dist/src"), { recursive: true });
  await mkdir(join(at, "node_modules/@kloros"), { recursive: true });
  await symlink(join(ROOT, "packages/daemon"), join(at, "node_modules/@kloros/daemon"));
  const manifest = {
    name: "scribe",
    scripts: { build: "tsc" },
    dependencies: { "@kloros/daemon": "file:x" },
  };
  await writeFile(join(at, "package.json"), JSON.stringify(manifest));
  const main = join(at, "dist/src/main.js");
  await writeFile(main, "");
  return { name: "scribe", package: "scribe", port: 7901, description: "Scribe.", main };
}

it("a daemon runs on its own package and on what that depends on, its own packages are built by their own script", async () => {
  const own = await ownDaemon();
  const shipped = installedDaemons(loadContracts()).filter(({ name }) => name === "winner_deployer_daemon");
  const { units, packagesOf } = sourceMap([...shipped, own], ROOT);
  const names = (daemon: string) => [...(packagesOf.get(daemon) ?? [])].map((path) => basename(path)).sort();
  expect(names("winner_deployer_daemon")).toContain("winner-deployer");
  expect(names("winner_deployer_daemon")).toEqual(
    expect.arrayContaining(["bus", "daemon", "experiments", "bounded-process"]),
  );
  expect(names("winner_deployer_daemon")).not.toContain("dream-consumer");
  expect(names("scribe")).toEqual(expect.arrayContaining(["bus", "daemon", "client"]));
  expect(units.map(({ name }) => name)).toEqual(["checkout", "scribe"]);
  expect(units[0]!.build?.slice(-1)).toEqual(["--build"]);
  expect(units[1]).toMatchObject({ build: ["npm", "run", "--silent", "build"] });
  expect(units[1]!.packages[0]!.output).toBe(join(own.main, "../.."));
});

it("a release is not built, only what is one's own", async () => {
  const own = await ownDaemon();
  const release = await folder();
  expect(sourceMap([own], release).units.some(({ name }) => name === "checkout")).toBe(false);
});

it("what runs is compared by content: tests, maps and books of the compiler do not count", async () => {
  const own = await ownDaemon();
  const one = sourceMap([own], await folder()).units.find(({ name }) => name === "scribe")!.packages[0]!;
  const before = await digestOf(one);
  await mkdir(join(one.output, "test"));
  for (const file of ["src/main.js.map", "src/main.d.ts", ".tsbuildinfo", "test/scribe.test.js"])
    await writeFile(join(one.output, file), "new");
  await writeFile(own.main, "");
  expect(changedFiles(before, await digestOf(one))).toEqual([]);
  await writeFile(own.main, "1");
  await writeFile(join(one.output, "src/more.js"), "");
  expect(changedFiles(before, await digestOf(one))).toEqual(["dist/src/main.js", "dist/src/more.js"]);
});

it("a change is seen in folders that came later, too, and not in those of others", async () => {
  const at = await folder();
  await mkdir(join(at, "node_modules"));
  const seen: string[] = [];
  const tree = watchTrees(
    [at],
    (path) => seen.push(path.slice(at.length + 1)),
    (problem) => seen.push(problem),
  );
  onTestFinished(() => tree.close());
  await writeFile(join(at, "node_modules/x.js"), "");
  await mkdir(join(at, "aside"));
  await writeFile(join(at, "aside/there.ts"), "");
  await rename(join(at, "aside"), join(at, "src"));
  await vi.waitFor(() => expect(seen).toContain("src/there.ts"), { timeout: 5_000 });
  await mkdir(join(at, "src/deep"));
  await writeFile(join(at, "src/deep/new.ts"), "");
  await vi.waitFor(() => expect(seen).toContain("src/deep/new.ts"), { timeout: 5_000 });
  expect(seen.filter((path) => path.startsWith("node_modules"))).toEqual([]);
});
