import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it, onTestFinished } from "vitest";
import { addDaemons, removeDaemons } from "../../src/daemons/add-daemons.ts";
import { contractsFolder } from "../../src/daemons/registration.ts";
import { newDaemon } from "../../src/new/daemon/new-daemon.ts";

const MESH_YAML = "# mine\nlog_level: debug # for now\n";

async function ownDaemon(options: { name?: string; isBuilt?: boolean } = {}) {
  const dir = await mkdtemp(join(tmpdir(), "kloros-own-"));
  onTestFinished(() => rm(dir, { recursive: true, force: true }));
  const home = join(dir, "home");
  await mkdir(home);
  await writeFile(join(home, "mesh.yaml"), MESH_YAML);
  await chmod(join(home, "mesh.yaml"), 0o640);
  const { folder } = await newDaemon({ name: options.name ?? "scribe", dir, home, consumes: [] });
  if (options.isBuilt !== false) await build(folder);
  const file = async () => readFile(join(home, "mesh.yaml"), "utf8");
  return { home, dir, folder, contracts: contractsFolder(folder), file };
}

async function build(folder: string): Promise<void> {
  await mkdir(join(folder, "dist/src"), { recursive: true });
  await writeFile(join(folder, "dist/src/main.js"), "");
}

it("a daemon is registered once, and taken out again; the rest of mesh.yaml stays as it is", async () => {
  const { home, contracts, file } = await ownDaemon();
  const added = await addDaemons(home, contracts, false);
  expect(added).toMatchObject({ daemons: ["scribe"], changed: true, running: "nothing", to_restart: [] });
  expect(await file()).toBe(`${MESH_YAML}contract_dirs:\n  - ${contracts}\n`);
  expect((await stat(join(home, "mesh.yaml"))).mode & 0o777).toBe(0o640);
  expect((await addDaemons(home, contracts, false)).changed).toBe(false);
  expect(await removeDaemons(home, ["scribe"], false)).toMatchObject({ daemons: ["scribe"], changed: true });
  expect(await file()).toBe(MESH_YAML);
});

it("a relative entry that somebody wrote by hand is found and taken out", async () => {
  const { home, file } = await ownDaemon();
  await writeFile(join(home, "mesh.yaml"), `${MESH_YAML}contract_dirs: [../scribe/contracts]\n`);
  await removeDaemons(home, ["scribe"], false);
  expect(await file()).toBe(MESH_YAML);
});

it("what is not built, not in order, or takes another's name or port is refused, and nothing is changed", async () => {
  const { home, dir, folder, contracts, file } = await ownDaemon({ isBuilt: false });
  await expect(addDaemons(home, contracts, false)).rejects.toThrow("scribe is not built");
  await build(folder);
  await addDaemons(home, contracts, false);
  const before = await file();
  const { folder: twin } = await newDaemon({ name: "other", dir, home: join(dir, "none"), consumes: [] });
  await build(twin);
  await expect(addDaemons(home, contractsFolder(twin), false)).rejects.toThrow(
    /other has the name or port of scribe \(7901\); choose another/,
  );
  await writeFile(join(contracts, "signals/Q_SCRIBE_DONE.schema.json"), "{");
  await expect(addDaemons(home, contracts, false)).rejects.toThrow(
    /Q_SCRIBE_DONE\.schema\.json: is not JSON/,
  );
  expect(await file()).toBe(before);
});

it("a folder without contracts, and a daemon that nobody registered, are told apart from a typing error", async () => {
  const { home, dir, contracts } = await ownDaemon();
  expect(() => contractsFolder(dir)).toThrow("holds no contracts");
  await addDaemons(home, contracts, false);
  await expect(removeDaemons(home, ["scrib"], false)).rejects.toThrow("did you mean scribe?");
});
