/**
 * Forgets old cycles (P5): of those that have ended, the newest `keep_cycles` stay, and all whose winner is deployed or has not
 * been judged by the deployer yet. A cycle that runs has no summary and is never touched. A folder leaves its name first, so
 * that a half-removed cycle is never taken for one.
 */
import { readdir, rename, rm, stat } from "node:fs/promises";
import { join } from "node:path";
import {
  cyclePaths,
  deployedPaths,
  parseWinner,
  readCurrentVersion,
  readDreamFile,
  readHistory,
  winnerPath,
} from "@kloros/experiments";
import { readFile } from "node:fs/promises";
import { removeWinner } from "../steps/write-winner.ts";

const REMOVED_SUFFIX = ".removed";

/** `finished`: ids of finished cycles, oldest first; folders that it does not know count as older. Returns the ids removed. */
export async function forgetOldCycles(home: string, finished: readonly string[]): Promise<string[]> {
  const folder = join(home, "dream_lab", "cycles");
  const names = await readdir(folder);
  for (const name of names.filter(isRemoved)) await rm(join(folder, name), { recursive: true, force: true });
  const reading = await readDreamFile(home);
  if (reading.kind !== "ok") return []; // How many are to be kept cannot be told now.
  const age = new Map(finished.map((id, index) => [id, index]));
  const ended: string[] = [];
  for (const name of names)
    if (!isRemoved(name) && (await exists(cyclePaths(home, name).summary))) ended.push(name);
  ended.sort((a, b) => (age.get(b) ?? -1) - (age.get(a) ?? -1) || (a < b ? 1 : -1));
  const removed: string[] = [];
  for (const name of ended.slice(reading.file.retention.keep_cycles)) {
    if (await isNeeded(home, name)) continue;
    const leaving = join(folder, `.${name}${REMOVED_SUFFIX}`);
    await removeWinner(home, name);
    await rename(join(folder, name), leaving);
    await rm(leaving, { recursive: true, force: true });
    removed.push(name);
  }
  return removed;
}

/** Its winner is deployed, kept as a version, or still to be judged. */
async function isNeeded(home: string, cycleId: string): Promise<boolean> {
  const text = await readFile(join(home, winnerPath(cycleId)), "utf8").catch(() => null);
  if (text === null) return false;
  const winner = parseWinner(text);
  if (winner === null) return true; // Not ours to throw away.
  const paths = deployedPaths(home, winner.experiment);
  const current = await readCurrentVersion(home, winner.experiment).catch(() => undefined);
  if (current === undefined || current?.version_id === cycleId) return true;
  if (await exists(paths.version(cycleId))) return true;
  const history = await readHistory(paths);
  return !history.some((line) => line.cycle_id === cycleId || line.version_id === cycleId);
}

function isRemoved(name: string): boolean {
  return name.startsWith(".") && name.endsWith(REMOVED_SUFFIX);
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
