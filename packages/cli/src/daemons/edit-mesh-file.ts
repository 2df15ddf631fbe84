/** Changes mesh.yaml of a home: one at a time, whole or not at all, its mode kept. */
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { ensureHome, FileError, waitForFileLock, writeFileAtomic } from "@kloros/bus";
import { answerNo } from "../program/errors.ts";
import { readIfThere } from "../program/read-if-there.ts";
import type { EditedMeshFile } from "./contract-dirs-entry.ts";

/** Longest wait for somebody who edits it in the same moment, in milliseconds. */
const WAIT_MS = 5_000;
const NEW_FILE_MODE = 0o600;

/**
 * True when the file was changed.
 * @throws {CommandError} 1 the file cannot be edited, and why · {FileError}
 */
export async function editMeshFile(home: string, edit: (text: string) => EditedMeshFile): Promise<boolean> {
  await ensureHome(home);
  const path = join(home, "mesh.yaml");
  const lock = join(home, "run", "mesh-yaml.lock");
  const taken = await waitForFileLock(lock, { name: "kloros daemons" }, { deadlineMs: WAIT_MS });
  if (taken.kind === "busy") throw answerNo(`${path} is being edited by another command; try again`);
  try {
    const edited = edit((await readIfThere(path)) ?? "");
    if (edited.kind === "refused")
      throw answerNo(`${path} ${edited.problem}: correct it, or add the folder to contract_dirs by hand`);
    if (edited.kind === "unchanged") return false;
    await writeFileAtomic(path, edited.text, { mode: await modeOf(path) });
    return true;
  } finally {
    taken.lock.release();
  }
}

async function modeOf(path: string): Promise<number> {
  try {
    return (await stat(path)).mode & 0o777;
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return NEW_FILE_MODE;
    throw new FileError("read", path, cause);
  }
}
