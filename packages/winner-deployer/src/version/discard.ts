/** A folder that goes: it loses its name at once, so that a crash never leaves half of it under that name. */
import { rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { syncDirectory } from "@kloros/bus";

/** Removes the folder; nothing there is fine. */
export async function discard(folder: string): Promise<void> {
  const parent = dirname(folder);
  const removed = join(parent, `.removed-${basename(folder)}`);
  await rm(removed, { recursive: true, force: true });
  try {
    await rename(folder, removed);
  } catch (cause) {
    if (cause instanceof Error && "code" in cause && cause.code === "ENOENT") return;
    throw cause;
  }
  await syncDirectory(parent);
  await rm(removed, { recursive: true, force: true });
}
