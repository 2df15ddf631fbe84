/** What runs, file by file, so that a build that changes nothing restarts nothing. */
import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { join, relative } from "node:path";
import type { SourcePackage } from "./source-units.ts";

/** What a program can load. */
const PROGRAM = /\.(?:[cm]?js|json|wasm|node)$/;
/** Tests are no part of what runs. */
const PASSED_BY = /^(?:node_modules|tests?|\..*)$/;
/** A package with more is none of ours; the rest is not looked at. */
const MAX_FILES = 5_000;

/** File → hash of its content. */
export type Digest = ReadonlyMap<string, string>;

/** The package's programs as they lie on disk now; a folder that is not there is empty. */
export async function digestOf({ folder, output }: SourcePackage): Promise<Digest> {
  const digest = new Map<string, string>();
  for (const file of await programsIn(output)) {
    try {
      const content = await readFile(file);
      digest.set(relative(folder, file), createHash("sha256").update(content).digest("base64"));
    } catch {
      // Gone since it was listed: the next look sees the rest.
    }
  }
  return digest;
}

/** Files that were added, changed or removed, in order. */
export function changedFiles(before: Digest, after: Digest): string[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].filter((name) => before.get(name) !== after.get(name)).sort();
}

async function programsIn(folder: string): Promise<string[]> {
  const files: string[] = [];
  const folders = [folder];
  for (let at = folders.pop(); at !== undefined && files.length < MAX_FILES; at = folders.pop()) {
    const entries = await readdir(at, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      const path = join(at, entry.name);
      if (entry.isDirectory() && !PASSED_BY.test(entry.name)) folders.push(path);
      else if (entry.isFile() && PROGRAM.test(entry.name)) files.push(path);
    }
  }
  return files.sort();
}
