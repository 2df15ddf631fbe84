/**
 * The first intent of a new home (`--demo`): asks what the first module of the workspace is, so that something is
 * seen at once. Written by rename, as every intent should be.
 */
import { randomUUID } from "node:crypto";
import type { Dirent } from "node:fs";
import { readdir } from "node:fs/promises";
import { basename, join, relative } from "node:path";
import { writeFileAtomic } from "@kloros/bus";

const SOURCE = /\.(py|ts|tsx|mts|js|mjs|cjs|jsx)$/u;
/** Folders that hold no module of the workspace's own. */
const PASSED_BY =
  /^(\..*|_.*|node_modules|dist|build|target|venv|site-packages|tests?|docs?|examples?|scripts?)$/u;
/** Folders looked at before giving up; a demonstration must not crawl a disk. */
const MAX_FOLDERS = 2_000;

export interface FirstModule {
  readonly name: string;
  /** Absolute. */
  readonly path: string;
  readonly relativePath: string;
}

/**
 * The nearest folder below the workspace that holds source files and has no entry in `capabilities` (the text of
 * capabilities.yaml); nearest first, then by name. null when there is none.
 */
export async function findFirstModule(workspace: string, capabilities: string): Promise<FirstModule | null> {
  const queue = [workspace];
  for (let looked = 0; looked < queue.length && looked < MAX_FOLDERS; looked++) {
    const folder = queue[looked] ?? workspace;
    const entries = await readdir(folder, { withFileTypes: true }).catch((): Dirent[] => []);
    const name = basename(folder);
    const isModule =
      folder !== workspace && entries.some((entry) => entry.isFile() && SOURCE.test(entry.name));
    if (isModule && !hasEntry(capabilities, name))
      return { name, path: folder, relativePath: relative(workspace, folder) };
    const below = entries.filter((entry) => entry.isDirectory() && !PASSED_BY.test(entry.name));
    queue.push(...below.map((entry) => join(folder, entry.name)).sort());
  }
  return null;
}

/** Drops the intent; returns its question id, by which `chem-bus trace` finds the story. */
export async function dropFirstIntent(
  home: string,
  module: FirstModule,
): Promise<{ file: string; questionId: string }> {
  const questionId = `discover.module.${module.name}`;
  const file = join(home, "intents", `${questionId}.json`);
  const intent = {
    id: randomUUID(),
    type: questionId,
    data: {
      question: `What does the module ${module.name} do, and which capabilities does it offer?`,
      question_id: questionId,
      priority: "normal",
      evidence: [`path:${module.path}`],
      hypothesis: `UNDISCOVERED_MODULE_${module.name}`,
    },
  };
  await writeFileAtomic(file, `${JSON.stringify(intent, null, 2)}\n`);
  return { file, questionId };
}

function hasEntry(capabilities: string, name: string): boolean {
  return new RegExp(`^\\s*["']?${name.replace(/[^\w-]/gu, ".")}["']?\\s*:`, "mu").test(capabilities);
}
