/**
 * `versions/.staging-<id>`: where a version is put together. It is on the disk whole, and checked, before it gets its name.
 */
import { copyFile, mkdir, open, readdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { syncDirectory } from "@kloros/bus";
import { type DeployedPaths, fileSha256, VERSION_FILE, type VersionRecord } from "@kloros/experiments";
import { discard } from "./discard.ts";

const STAGING = ".staging-";

export function stagingFolder(paths: DeployedPaths, versionId: string): string {
  return join(paths.versions, STAGING + versionId);
}

/** Copies `artifact` into a new staging folder and resolves with the SHA-256 of the copy. Repeatable. */
export async function stageArtifact(
  paths: DeployedPaths,
  versionId: string,
  artifact: string,
  file: string,
): Promise<string> {
  await mkdir(paths.versions, { recursive: true, mode: 0o700 });
  const folder = stagingFolder(paths, versionId);
  await discard(folder);
  await mkdir(folder, { mode: 0o700 });
  const copy = join(folder, file);
  await mkdir(dirname(copy), { recursive: true, mode: 0o700 });
  await copyFile(artifact, copy);
  await syncFile(copy);
  for (let parent = dirname(copy); parent !== paths.versions; parent = dirname(parent))
    await syncDirectory(parent);
  await syncDirectory(paths.versions);
  return fileSha256(copy);
}

/**
 * Gives the staged version its record and its name: whole or not at all. Repeatable while it has not got it; the record is
 * written plainly, since nobody looks in here, and a temporary file of a crash would become part of the version.
 */
export async function installStaged(paths: DeployedPaths, record: VersionRecord): Promise<void> {
  const folder = stagingFolder(paths, record.version_id);
  const path = join(folder, VERSION_FILE);
  await writeFile(path, `${JSON.stringify(record, null, 2)}\n`, { mode: 0o600 });
  await syncFile(path);
  await syncDirectory(folder);
  await rename(folder, paths.version(record.version_id));
  await syncDirectory(paths.versions);
}

/** What deployments that are no more have left in `versions/`: staged, half removed. */
export async function removeLeftovers(paths: DeployedPaths, exceptVersionId?: string): Promise<void> {
  const names = await readdir(paths.versions).catch((cause: unknown) => {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return [];
    throw cause;
  });
  for (const name of names) {
    if (!name.startsWith(STAGING) && !name.startsWith(".removed-")) continue;
    if (name === STAGING + String(exceptVersionId)) continue;
    await rm(join(paths.versions, name), { recursive: true, force: true });
  }
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, "r+");
  try {
    const { mode } = await handle.stat();
    await handle.chmod((mode & 0o700) | 0o600); // Private; an artifact that is a program stays one.
    await handle.sync();
  } finally {
    await handle.close();
  }
}
