/**
 * Tells of changes anywhere below some folders. One watch for each folder, since the recursive watch of Node 20 on Linux
 * loses new folders; what is in a folder that just came is told as well, so that nothing falls between.
 */
import { type FSWatcher, readdirSync, statSync, watch } from "node:fs";
import { join } from "node:path";

/** More folders than that are no sources; the rest is not watched, and that is told. */
const MAX_FOLDERS = 2_000;
const PASSED_BY = /^(?:node_modules|\..+)$/;

export interface TreeWatch {
  readonly folders: number;
  close(): void;
}

/** Calls `onChange` with the path of each file that came, changed or went. */
export function watchTrees(
  roots: readonly string[],
  onChange: (path: string) => void,
  onTrouble: (problem: string) => void,
): TreeWatch {
  const watchers = new Map<string, FSWatcher>();

  function add(folder: string, isNew: boolean): void {
    if (watchers.has(folder)) return;
    if (watchers.size >= MAX_FOLDERS) {
      onTrouble(`more than ${String(MAX_FOLDERS)} folders: changes below ${folder} are not seen`);
      return;
    }
    try {
      const watcher = watch(folder, (_event, name) => {
        if (name !== null && !PASSED_BY.test(name)) onEntry(join(folder, name));
      });
      watcher.on("error", () => {
        drop(folder);
      });
      watchers.set(folder, watcher);
    } catch (error) {
      onTrouble(`${folder} cannot be watched: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (PASSED_BY.test(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) add(path, isNew);
      else if (isNew) onChange(path);
    }
  }

  function onEntry(path: string): void {
    const kind = statSync(path, { throwIfNoEntry: false });
    if (kind?.isDirectory() === true) add(path, true);
    else {
      if (kind === undefined) drop(path);
      onChange(path);
    }
  }

  function drop(folder: string): void {
    watchers.get(folder)?.close();
    watchers.delete(folder);
  }

  for (const root of roots)
    if (statSync(root, { throwIfNoEntry: false })?.isDirectory() === true) add(root, false);
  return {
    get folders() {
      return watchers.size;
    },
    close: () => {
      for (const watcher of watchers.values()) watcher.close();
      watchers.clear();
    },
  };
}
