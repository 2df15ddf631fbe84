/** Writing files that must not be there yet: all, or none. */
import { lstat, mkdir, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { FileError } from "@kloros/bus";
import { answerNo } from "../program/errors.ts";

/** Files named in a refusal. */
const NAMED_FILES = 3;

/** Relative path → text. */
export type NewFiles = ReadonlyMap<string, string>;

/**
 * Writes all files below `folder`; what exists is never touched.
 * @throws {CommandError} 1 some of them exist: nothing was written · {FileError}
 */
export async function writeNewFiles(folder: string, files: NewFiles): Promise<void> {
  const there: string[] = [];
  for (const path of files.keys()) if (await exists(join(folder, path))) there.push(path);
  if (there.length > 0) {
    const named = there.slice(0, NAMED_FILES).join(", ");
    const more = there.length > NAMED_FILES ? ` and ${String(there.length - NAMED_FILES)} more` : "";
    throw answerNo(
      `${folder} holds ${named}${more} already; nothing was written: choose another name or --dir`,
    );
  }
  const written: string[] = [];
  try {
    for (const [path, text] of files) {
      const file = join(folder, path);
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text, { flag: "wx" });
      written.push(file);
    }
  } catch (cause) {
    for (const file of written) await rm(file, { force: true });
    throw new FileError("create", folder, cause);
  }
}

async function exists(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (cause) {
    if (["ENOENT", "ENOTDIR"].includes(String((cause as NodeJS.ErrnoException).code))) return false;
    throw new FileError("read", path, cause);
  }
}
