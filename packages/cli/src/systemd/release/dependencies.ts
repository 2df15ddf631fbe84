/** The third-party packages that the mesh needs at run time: found by walking from package to package, as Node does. */
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { answerNo } from "../../program/errors.ts";

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
  readonly peerDependencies?: Readonly<Record<string, string>>;
}

const SCOPE = "@kloros/";

/** Names of the folders below `packages/`. */
export function packageFolders(root: string): readonly string[] {
  return readdirSync(join(root, "packages")).filter((name) =>
    existsSync(join(root, "packages", name, "package.json")),
  );
}

/**
 * Folders of third-party packages, relative to `root`, parents before what is nested in them.
 * @throws {CommandError} 1 a needed one is not installed
 */
export function dependencyFolders(root: string): readonly string[] {
  const found = new Set<string>();
  const queue = packageFolders(root).map((name) => join(root, "packages", name));
  for (let folder = queue.pop(); folder !== undefined; folder = queue.pop()) {
    for (const { name, isNeeded } of dependenciesOf(folder)) {
      const place = resolvePackage(root, folder, name);
      if (place === null && isNeeded)
        throw answerNo(`${name}, which ${relative(root, folder)} needs, is not installed: run npm ci`);
      if (place === null || found.has(relative(root, place))) continue;
      found.add(relative(root, place));
      queue.push(place);
    }
  }
  return [...found].sort();
}

function dependenciesOf(folder: string): { name: string; isNeeded: boolean }[] {
  const manifest = JSON.parse(readFileSync(join(folder, "package.json"), "utf8")) as Manifest;
  const names = (part: Readonly<Record<string, string>> | undefined, isNeeded: boolean) =>
    Object.keys(part ?? {})
      .filter((name) => !name.startsWith(SCOPE))
      .map((name) => ({ name, isNeeded }));
  // What is optional stands in both lists of an npm package.
  const optional = names(manifest.optionalDependencies, false);
  const needed = names(manifest.dependencies, true).filter(
    ({ name }) => !optional.some((other) => other.name === name),
  );
  return [...needed, ...optional, ...names(manifest.peerDependencies, false)];
}

/** `node_modules/<name>` of the folder or of one above it, up to `root`. */
function resolvePackage(root: string, folder: string, name: string): string | null {
  for (let at = folder; ; at = dirname(at)) {
    const place = join(at, "node_modules", name);
    if (existsSync(join(place, "package.json"))) return place;
    if (at === root || at === dirname(at)) return null;
  }
}
