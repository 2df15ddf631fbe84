/** Two versions side by side: their parameters, and their files line by line. */
import { open } from "node:fs/promises";
import { join } from "node:path";
import { checkVersion, type DeployedPaths, type ParamValue, type VersionRecord } from "@kloros/experiments";
import { createTwoFilesPatch } from "diff";

export interface ParamChange {
  readonly name: string;
  /** null: this version does not have it. */
  readonly a: ParamValue | null;
  readonly b: ParamValue | null;
}

export interface FileChange {
  readonly file: string;
  readonly kind: "changed" | "only-in-a" | "only-in-b";
  /** Unified; null for a file that is binary, or too large to be read by people. */
  readonly patch: string | null;
  readonly a_bytes: number | null;
  readonly b_bytes: number | null;
}

export interface VersionDifference {
  readonly a: string;
  readonly b: string;
  readonly params: readonly ParamChange[];
  readonly files: readonly FileChange[];
}

/** Larger files are compared by their hashes and told as such. */
const MAX_TEXT_BYTES = 1024 * 1024;
/** Where a NUL means that it is no text, as in git. */
const SNIFFED_BYTES = 8_000;

export interface ReadVersion {
  readonly record: VersionRecord;
  readonly problem: string | null;
}

/** The record of a version, damaged or not; null when it cannot be read at all. */
export async function readVersion(paths: DeployedPaths, versionId: string): Promise<ReadVersion | null> {
  const state = await checkVersion(paths, versionId);
  if (state.kind === "missing" || state.record === null) return null;
  return { record: state.record, problem: state.kind === "damaged" ? state.problem : null };
}

export async function compareVersions(
  paths: DeployedPaths,
  a: VersionRecord,
  b: VersionRecord,
): Promise<VersionDifference> {
  const files: FileChange[] = [];
  const names = new Set([...Object.keys(a.files), ...Object.keys(b.files)]);
  for (const file of [...names].sort()) {
    const change = await compareFile(
      file,
      await readContent(join(paths.version(a.version_id), file)),
      await readContent(join(paths.version(b.version_id), file)),
    );
    if (change !== null) files.push(change);
  }
  return { a: a.version_id, b: b.version_id, params: paramChanges(a, b), files };
}

/** Those that differ, in the order in which they are first met. Pure. */
export function paramChanges(
  a: Pick<VersionRecord, "params">,
  b: Pick<VersionRecord, "params">,
): ParamChange[] {
  return [...new Set([...Object.keys(a.params), ...Object.keys(b.params)])]
    .map((name) => ({ name, a: a.params[name] ?? null, b: b.params[name] ?? null }))
    .filter((change) => change.a !== change.b);
}

interface Content {
  readonly bytes: number;
  /** null: too large to be read. */
  readonly data: Buffer | null;
}

async function compareFile(file: string, a: Content | null, b: Content | null): Promise<FileChange | null> {
  if (a === null && b === null) return null;
  if (a?.data && b?.data?.equals(a.data)) return null;
  const texts = [textOf(a), textOf(b)];
  const [before, after] = texts;
  const patch =
    before === null || after === null || before === undefined || after === undefined
      ? null
      : createTwoFilesPatch(`a/${file}`, `b/${file}`, before, after).replace(/^=+\n/u, "");
  const kind = a === null ? "only-in-b" : b === null ? "only-in-a" : "changed";
  return { file, kind, patch, a_bytes: a?.bytes ?? null, b_bytes: b?.bytes ?? null };
}

/** null: binary or too large. A file that is not there is empty. */
function textOf(content: Content | null): string | null {
  if (content === null) return "";
  if (content.data === null || content.data.subarray(0, SNIFFED_BYTES).includes(0)) return null;
  return content.data.toString("utf8");
}

/** null: no such regular file. */
async function readContent(path: string): Promise<Content | null> {
  let handle;
  try {
    handle = await open(path, "r");
    const { size } = await handle.stat();
    return { bytes: size, data: size > MAX_TEXT_BYTES ? null : await handle.readFile() };
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT" || code === "EISDIR" || code === "ENOTDIR") return null;
    throw cause;
  } finally {
    await handle?.close();
  }
}
