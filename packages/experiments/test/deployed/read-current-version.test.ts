import { createHash } from "node:crypto";
import { mkdir, mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, it } from "vitest";
import { deployedPaths, readCurrentVersion, type VersionRecord } from "@kloros/experiments";

let home: string;
beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "kloros-deployed-"));
});
afterEach(() => rm(home, { recursive: true, force: true }));

const CONTENT = '{"x":1}';
const RECORD: VersionRecord = {
  schema: "kloros.version/1",
  version_id: "v1",
  experiment: "a",
  cycle_id: "v1",
  winner_id: "c1",
  params: { x: 1 },
  fitness: 2,
  previous_version_id: null,
  files: { "params.json": createHash("sha256").update(CONTENT).digest("hex") },
  created_at: "2026-01-01T00:00:00.000Z",
};

async function deploy(record: string): Promise<void> {
  const paths = deployedPaths(home, "a");
  await mkdir(paths.version("v1"), { recursive: true });
  await writeFile(join(paths.version("v1"), "version.json"), record);
  await writeFile(join(paths.version("v1"), "params.json"), CONTENT);
  await symlink("versions/v1", paths.current);
}

it("nothing is deployed at first", async () => {
  expect(await readCurrentVersion(home, "a")).toBeNull();
});

it("the version in use is read, also when a file of it was changed by hand", async () => {
  await deploy(JSON.stringify(RECORD));
  expect(await readCurrentVersion(home, "a")).toEqual(RECORD);
  await writeFile(join(deployedPaths(home, "a").version("v1"), "params.json"), "{}");
  expect(await readCurrentVersion(home, "a")).toEqual(RECORD);
});

it("when it cannot be told what is deployed, that is said, and not that nothing is", async () => {
  await deploy('{"schema": "kloros.ver');
  await expect(readCurrentVersion(home, "a")).rejects.toMatchObject({ code: "E_DEPLOYED_VERSION" });
  await rm(deployedPaths(home, "a").versions, { recursive: true });
  await expect(readCurrentVersion(home, "a")).rejects.toMatchObject({ code: "E_DEPLOYED_VERSION" });
});
