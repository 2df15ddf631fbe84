/** Working folder of one candidate: the artifact in it, a scratch folder below it that each measurement finds empty. */
import { mkdir, readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import type { ArtifactSpec } from "@kloros/experiments";

const SCRATCH = "scratch";

/** An empty folder, whatever a run that was killed has left there. Nearly always there is nothing: that costs one call. */
export async function emptyFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { mode: 0o700 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    if (code !== "EEXIST" && code !== "ENOENT") throw cause;
    await rm(path, { recursive: true, force: true });
    await mkdir(path, { recursive: true, mode: 0o700 });
  }
}

/** An empty scratch folder; says where. */
export async function emptyScratch(work: string): Promise<string> {
  const path = join(work, SCRATCH);
  await emptyFolder(path);
  return path;
}

/**
 * Removes what is not needed any more. The artifact of a mutator stays when the candidate has a fitness: it cannot be made of the
 * parameters alone as the others can.
 */
export async function clearWork(work: string, spec: ArtifactSpec, isOk: boolean): Promise<void> {
  if (spec.kind !== "mutator" || !isOk) return await rm(work, { recursive: true, force: true });
  const keep = spec.file.split("/")[0];
  for (const name of await readdir(work).catch(() => [])) {
    if (name !== keep) await rm(join(work, name), { recursive: true, force: true });
  }
}
