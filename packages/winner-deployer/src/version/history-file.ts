/**
 * The history of an experiment, as written: each line once, whatever crashes lie between (P3 outside the mesh).
 */
import { rename, stat } from "node:fs/promises";
import { appendLineDurable, syncDirectory } from "@kloros/bus";
import { type DeployedPaths, type HistoryLine, olderHistory, readHistory } from "@kloros/experiments";

/** About ten thousand deployments; then the file becomes the older one, and the one before that goes. */
const MAX_HISTORY_BYTES = 4 * 1024 * 1024;

/** Appends the line unless it is there. The caller holds the experiment's lock. */
export async function appendHistory(paths: DeployedPaths, line: HistoryLine): Promise<void> {
  const lines = await readHistory(paths);
  if (lines.some(({ id }) => id === line.id)) return;
  const found = await stat(paths.history).catch(() => null);
  if (found !== null && found.size > MAX_HISTORY_BYTES) {
    await rename(paths.history, olderHistory(paths));
    await syncDirectory(paths.folder);
  }
  await appendLineDurable(paths.history, JSON.stringify(line));
}
