import { readFileSync } from "node:fs";
import type { GeneratedFile } from "./files.ts";

/** Those files that are missing or hold another text than the one generated now. */
export function staleFiles(files: readonly GeneratedFile[]): readonly GeneratedFile[] {
  return files.filter(({ file, text }) => textOf(file) !== text);
}

function textOf(file: string): string | null {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return null;
  }
}
