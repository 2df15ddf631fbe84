/**
 * Old versions go: `retention.keep_versions` of `dream.yaml` stay besides the one in place and the one before it.
 * A file that cannot be read prunes nothing; what the history does not know is not ours and stays.
 */
import {
  type CurrentLink,
  type DeployedPaths,
  type HistoryLine,
  readCurrentLink,
  readDreamFile,
  readHistory,
  versionBefore,
  versionIds,
} from "@kloros/experiments";
import { discard } from "./discard.ts";

/** Ids of the versions that were removed. The caller holds the experiment's lock. */
export async function pruneVersions(home: string, paths: DeployedPaths): Promise<string[]> {
  const read = await readDreamFile(home);
  if (read.kind !== "ok") return [];
  const current = await readCurrentLink(paths);
  const doomed = versionsToRemove(
    await versionIds(paths),
    await readHistory(paths),
    current,
    read.file.retention.keep_versions,
  );
  for (const versionId of doomed) await discard(paths.version(versionId));
  return doomed;
}

/** Those deployed longest ago, beyond what is kept. Pure. */
export function versionsToRemove(
  present: readonly string[],
  history: readonly HistoryLine[],
  current: CurrentLink,
  keep: number,
): string[] {
  if (current.kind === "broken") return [];
  const currentId = current.kind === "version" ? current.version_id : null;
  const previousId = currentId === null ? null : versionBefore(history, currentId);
  const placed = history
    .filter(({ event }) => event === "deployed" || event === "reverted")
    .map(({ version_id }) => version_id);
  const oldestFirst = present
    .filter((id) => id !== currentId && id !== previousId && placed.includes(id))
    .sort((a, b) => placed.lastIndexOf(a) - placed.lastIndexOf(b));
  return oldestFirst.slice(0, Math.max(0, oldestFirst.length - keep));
}
