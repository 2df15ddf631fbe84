/** Reads `dream_lab/dream.yaml` of a home. */
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { YamlProblem } from "@kloros/checked-yaml";
import type { DreamFile } from "./dream-file.ts";
import { parseDreamFile } from "./parse-dream-file.ts";

/** Files of more bytes are not even read. */
const MAX_DREAM_FILE_BYTES = 1024 * 1024;

export type DreamFileReading =
  | { readonly kind: "ok"; readonly file: DreamFile; readonly text: string }
  | { readonly kind: "invalid"; readonly problems: readonly YamlProblem[] }
  | { readonly kind: "missing" };

/** Where the file of a home is. */
export function dreamFilePath(home: string): string {
  return join(home, "dream_lab", "dream.yaml");
}

/** Never throws: what is wrong is in `problems`, which name the file `dream.yaml`. */
export async function readDreamFile(home: string): Promise<DreamFileReading> {
  const path = dreamFilePath(home);
  const failed = (message: string): DreamFileReading => ({
    kind: "invalid",
    problems: [{ file: "dream.yaml", line: 1, column: 1, path: "", message }],
  });
  try {
    const found = await stat(path);
    if (!found.isFile()) return failed(`is not a file; move ${path} away`);
    if (found.size > MAX_DREAM_FILE_BYTES)
      return failed(`is larger than ${MAX_DREAM_FILE_BYTES} bytes; it should hold settings only`);
    const text = await readFile(path, "utf8");
    const parsed = parseDreamFile(text, "dream.yaml");
    return parsed.kind === "ok" ? { kind: "ok", file: parsed.value, text } : parsed;
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    if (code === "ENOENT" || code === "ENOTDIR") return { kind: "missing" };
    return failed(`cannot be read (${String(cause)}); make ${path} readable for this user`);
  }
}
