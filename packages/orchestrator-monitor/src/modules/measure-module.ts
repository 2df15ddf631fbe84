/**
 * Measures a module where its sources lie in the workspace: how many Python files, and whether it is a package.
 * Symbolic links do not lead out of the workspace, and none is followed below the module.
 */
import { readdir, realpath, stat } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { isInside } from "@kloros/bus";
import type { RegisteredModule } from "../registry/registered-module.ts";

const PYTHON = /\.pyi?$/;
const SKIPPED_FOLDERS = new Set(["node_modules", "__pycache__", "venv", "site-packages"]);
/** Entries looked at per module; a larger one is counted up to here. */
const MAX_ENTRIES = 20_000;
/** Folders in folders; deeper ones are not counted. */
const MAX_DEPTH = 16;

export interface Measure {
  readonly py_files_count: number;
  readonly has_init: boolean;
}

/** What lies in the workspace; where nothing does, what the entry itself says. */
export async function measureModule(
  workspace: string,
  module: Pick<RegisteredModule, "path" | "folder" | "py_files">,
): Promise<Measure> {
  const fallback = { py_files_count: module.py_files ?? 0, has_init: false };
  const root = await realpath(workspace).catch(() => null);
  if (root === null) return fallback;
  for (const place of placesOf(module)) {
    const found = await realpath(resolve(root, place)).catch(() => null);
    if (found === null || !isInside(root, found)) continue;
    const measured = await measureAt(found).catch(() => null);
    if (measured) return measured;
  }
  return fallback;
}

/** Where the sources of an import path may lie: as the entry says, or by its dots, below the workspace or its `src`. */
function placesOf({ path, folder }: Pick<RegisteredModule, "path" | "folder">): string[] {
  const way = path.replaceAll(".", "/");
  const byPath = [way, `${way}.py`, `src/${way}`, `src/${way}.py`, path];
  return folder === null ? byPath : [folder, ...byPath];
}

async function measureAt(path: string): Promise<Measure> {
  if (!(await stat(path)).isDirectory()) {
    return { py_files_count: PYTHON.test(path) ? 1 : 0, has_init: basename(path) === "__init__.py" };
  }
  const measure = { py_files_count: 0, has_init: false };
  const folders = [{ path, depth: 0 }];
  let entriesLeft = MAX_ENTRIES;
  for (let folder = folders.pop(); folder && entriesLeft > 0; folder = folders.pop()) {
    const { depth } = folder;
    const entries = await readdir(folder.path, { withFileTypes: true }).catch(() => []);
    for (const entry of entries) {
      if (entriesLeft-- === 0) break;
      const isOurs = !entry.name.startsWith(".") && !SKIPPED_FOLDERS.has(entry.name);
      if (entry.isDirectory() && depth < MAX_DEPTH && isOurs) {
        folders.push({ path: join(folder.path, entry.name), depth: depth + 1 });
      }
      if (entry.isFile() && PYTHON.test(entry.name)) measure.py_files_count++;
      if (depth === 0 && entry.isFile() && entry.name === "__init__.py") measure.has_init = true;
    }
  }
  return measure;
}
