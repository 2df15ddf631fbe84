/** How a module is started: guards, shebangs, console scripts, bins, package entries. */
import type { EntryPoint, FileFinding } from "../findings.ts";
import type { PackageManifest } from "./manifests.ts";

/** Entry points listed; a package that `exports` every file of a folder has thousands. */
const MAX_ENTRY_POINTS = 100;

export function entryPointsOf(
  files: readonly FileFinding[],
  manifest: PackageManifest | null,
  consoleScripts: readonly (readonly [name: string, target: string])[],
): EntryPoint[] {
  const points: EntryPoint[] = consoleScripts.map(([name, target]) => ({
    kind: "console-script",
    name,
    target,
  }));
  for (const [name, target] of manifest?.bins ?? []) points.push({ kind: "bin", name, target });
  if (manifest?.main)
    points.push({ kind: "package-main", name: manifest.name ?? ".", target: manifest.main });
  for (const [name, target] of manifest?.exports ?? []) points.push({ kind: "package-export", name, target });
  for (const { path, runs_as_main, shebang } of files) {
    if (/(^|\/)__main__\.py$/.test(path)) points.push({ kind: "main-module", name: path, target: path });
    if (runs_as_main) points.push({ kind: "main-guard", name: path, target: path });
    if (shebang !== null) points.push({ kind: "shebang", name: shebang, target: path });
  }
  return points.slice(0, MAX_ENTRY_POINTS);
}
