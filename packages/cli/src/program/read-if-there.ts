import { readFile } from "node:fs/promises";
import { FileError } from "@kloros/bus";

/** The text of a file; undefined when there is none. @throws {FileError} it cannot be read */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, "utf8");
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOENT") return undefined;
    throw new FileError("read", path, cause);
  }
}
