/** The project around a module: its npm package, and the console scripts that start it. */
import { posix } from "node:path";
import type { AnalysisNote } from "../findings.ts";
import { importTargets } from "../workspace/import-target.ts";
import type { WorkspacePicture } from "../workspace/workspace-picture.ts";
import { type PackageManifest, readConsoleScripts, readPackageJson } from "./manifests.ts";

/** Folders above the module in which its project's manifest is looked for. */
const MAX_LEVELS = 12;

export interface ProjectFacts {
  /** Nearest `package.json`, from the module's folder up to the workspace. */
  readonly manifest: PackageManifest | null;
  readonly packageName: string | null;
  /** That `package.json` lies in the module's own folder. */
  readonly isPackageRoot: boolean;
  /** Console scripts whose target lies in the module. */
  readonly consoleScripts: readonly (readonly [name: string, target: string])[];
  readonly notes: readonly AnalysisNote[];
}

/** `folder` and `module` are relative to the workspace, `module` without extension. */
export function projectFactsOf(picture: WorkspacePicture, folder: string, module: string): ProjectFacts {
  const notes: AnalysisNote[] = [];
  let manifest: PackageManifest | null = null;
  let manifestFolder: string | null = null;
  const consoleScripts: (readonly [string, string])[] = [];
  for (const each of upwardsFrom(folder)) {
    const absolute = posix.join(picture.root, each);
    if (manifest === null) {
      const found = readPackageJson(absolute);
      if (found.problem !== null) notes.push(manifestNote(each, "package.json", found.problem));
      manifest = found.value;
      manifestFolder = each;
    }
    const scripts = readConsoleScripts(absolute);
    if (scripts.problem !== null) notes.push(manifestNote(each, "pyproject.toml", scripts.problem));
    consoleScripts.push(
      ...(scripts.value ?? []).filter(([, target]) => startsModule(target, each, module, picture)),
    );
  }
  const isPackageRoot = manifest !== null && manifestFolder === folder;
  return { manifest, packageName: manifest?.name ?? null, isPackageRoot, consoleScripts, notes };
}

function upwardsFrom(folder: string): string[] {
  const folders = [folder];
  for (let each = folder; each !== "" && folders.length < MAX_LEVELS; folders.push(each)) {
    const parent = posix.dirname(each);
    each = parent === "." ? "" : parent;
  }
  return folders;
}

function startsModule(
  target: string,
  projectFolder: string,
  module: string,
  picture: WorkspacePicture,
): boolean {
  if (projectFolder === module) return true;
  const specifier = target.split(":", 1)[0]?.trim() ?? "";
  const importer = posix.join(projectFolder, "setup.py");
  const roots = [posix.join(projectFolder, "src")];
  return importTargets({ specifier, names: [], line: 0 }, importer, "python", picture, roots).some(
    (path) => path === module || path.startsWith(`${module}/`),
  );
}

function manifestNote(folder: string, file: string, message: string): AnalysisNote {
  return { kind: "manifest", path: posix.join(folder, file), message };
}
