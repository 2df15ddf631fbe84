/**
 * The one act that puts a version in place. Readers of `current` see the old version or the new, never neither.
 */
import { rename, rm, symlink } from "node:fs/promises";
import { join } from "node:path";
import { syncDirectory } from "@kloros/bus";
import type { DeployedPaths } from "@kloros/experiments";

/** Points `current` to the version; null: nothing is deployed any more. Repeatable; durable when it resolves. */
export async function switchCurrent(paths: DeployedPaths, versionId: string | null): Promise<void> {
  if (versionId === null) {
    await rm(paths.current, { force: true });
  } else {
    const temporary = join(paths.folder, ".current-next");
    await rm(temporary, { force: true }); // Left by one that was killed: only the holder of the lock writes here.
    await symlink(join("versions", versionId), temporary);
    await rename(temporary, paths.current);
  }
  await syncDirectory(paths.folder);
}
