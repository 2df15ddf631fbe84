/** One version on disk: `versions/<id>/version.json` and the files that it vouches for. Reads only. */
import { lstat, readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { fileNameProblem } from "../artifact/confine.ts";
import { fileSha256 } from "../artifact/hash.ts";
import type { DeployedPaths } from "./deployed-paths.ts";
import type { VersionRecord } from "./version-record.ts";

export const VERSION_FILE = "version.json";
/** A record is a few parameters; more is not ours. */
const MAX_RECORD_BYTES = 1024 * 1024;

export type VersionState =
  | { readonly kind: "intact"; readonly record: VersionRecord }
  /** `record` is null when `version.json` itself cannot be read. */
  | { readonly kind: "damaged"; readonly problem: string; readonly record: VersionRecord | null }
  | { readonly kind: "missing" };

/** Whether the version is there and is, file for file, what it was when it was deployed. */
export async function checkVersion(paths: DeployedPaths, versionId: string): Promise<VersionState> {
  const folder = paths.version(versionId);
  const found = await lstat(folder).catch(nullIfMissing);
  if (found === null) return { kind: "missing" };
  if (!found.isDirectory())
    return { kind: "damaged", problem: `${folder} is no folder of its own`, record: null };
  const record = await readVersionRecord(folder);
  if (typeof record === "string") return { kind: "damaged", problem: record, record: null };
  const problem = await firstProblem(folder, record);
  return problem === null ? { kind: "intact", record } : { kind: "damaged", problem, record };
}

/** The ids of the versions that lie there, in the order of their names. */
export async function versionIds(paths: DeployedPaths): Promise<string[]> {
  const entries = await readdir(paths.versions, { withFileTypes: true }).catch(nullIfMissing);
  return (entries ?? [])
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith("."))
    .map(({ name }) => name)
    .sort();
}

/** The record in `folder`, or what is wrong with it. */
async function readVersionRecord(folder: string): Promise<VersionRecord | string> {
  const path = join(folder, VERSION_FILE);
  try {
    const { size } = await stat(path);
    if (size > MAX_RECORD_BYTES) return `${path} is larger than ${String(MAX_RECORD_BYTES)} bytes`;
    const value: unknown = JSON.parse(await readFile(path, "utf8"));
    return isVersionRecord(value) ? value : `${path} is no record of a version`;
  } catch (cause) {
    return `${path} cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`;
  }
}

async function firstProblem(folder: string, record: VersionRecord): Promise<string | null> {
  const vouched = Object.keys(record.files);
  for (const name of await filesIn(folder))
    if (name !== VERSION_FILE && !vouched.includes(name))
      return `${join(folder, name)} was not deployed: it is not in ${VERSION_FILE}`;
  for (const [name, sha256] of Object.entries(record.files)) {
    const path = join(folder, name);
    const found = await lstat(path).catch(nullIfMissing);
    if (found === null) return `${path} is missing`;
    if (!found.isFile()) return `${path} is no regular file`;
    if ((await fileSha256(path)) !== sha256) return `${path} is not what was deployed: its SHA-256 differs`;
  }
  return null;
}

/** Everything that is no folder, by its path below `folder`. */
async function filesIn(folder: string, below = ""): Promise<string[]> {
  const names: string[] = [];
  for (const entry of await readdir(join(folder, below), { withFileTypes: true })) {
    const name = below === "" ? entry.name : `${below}/${entry.name}`;
    if (entry.isDirectory()) names.push(...(await filesIn(folder, name)));
    else names.push(name);
  }
  return names;
}

function isVersionRecord(value: unknown): value is VersionRecord {
  if (!isObject(value)) return false;
  const { schema, version_id, experiment, cycle_id, winner_id, params, files } = value;
  return (
    schema === "kloros.version/1" &&
    [version_id, experiment, cycle_id, winner_id].every((text) => typeof text === "string" && text !== "") &&
    isObject(params) &&
    isObject(files) &&
    Object.entries(files).every(
      ([name, hash]) => fileNameProblem(name) === undefined && typeof hash === "string",
    )
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function nullIfMissing(cause: unknown): null {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "ENOENT" || code === "ENOTDIR") return null;
  throw cause;
}
