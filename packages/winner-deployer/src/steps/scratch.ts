/** Clean folders for commands: what they do to the files in them, they do to copies. */
import { copyFile, mkdir, rm } from "node:fs/promises";
import { dirname, join } from "node:path";

/** Makes `folder` anew and empty. */
export async function cleanFolder(folder: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true, mode: 0o700 });
}

/** A copy of `<from>/<file>` as `<to>/<file>`; its path. */
export async function copyInto(to: string, from: string, file: string): Promise<string> {
  const copy = join(to, file);
  await mkdir(dirname(copy), { recursive: true, mode: 0o700 });
  await copyFile(join(from, file), copy);
  return copy;
}
