/** Folders with users' own contracts, as the environment or mesh.yaml of the home names them. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { readMeshFile } from "@kloros/daemon";

/**
 * `KLOROS_CONTRACT_DIRS`, else `contract_dirs` of mesh.yaml, else none. Absolute, as the daemons read them: what the
 * environment says is relative to the current folder, what the file says relative to the home.
 */
export async function contractDirs(home: string): Promise<string[]> {
  const fromEnvironment = process.env["KLOROS_CONTRACT_DIRS"];
  if (fromEnvironment) {
    const dirs = fromEnvironment.split(",").map((dir) => dir.trim());
    return dirs.filter((dir) => dir !== "").map((dir) => absolute(dir, process.cwd()));
  }
  const value = (await readMeshFile(home)).entries.get("contract_dirs")?.value;
  const dirs = Array.isArray(value) ? value.filter((dir) => typeof dir === "string") : [];
  return dirs.map((dir) => absolute(dir, home));
}

/** `~/…` is in the user's own folder, everything else relative to `base`. */
export function absolute(path: string, base: string): string {
  return path === "~" || path.startsWith("~/") ? join(homedir(), path.slice(1)) : resolve(base, path);
}
