/** Folders with users' own contracts, as the environment or mesh.yaml of the home names them. */
import { readMeshFile } from "@kloros/daemon";

/** `KLOROS_CONTRACT_DIRS`, else `contract_dirs` of mesh.yaml, else none. */
export async function contractDirs(home: string): Promise<string[]> {
  const fromEnvironment = process.env["KLOROS_CONTRACT_DIRS"];
  if (fromEnvironment) return fromEnvironment.split(",").filter((dir) => dir !== "");
  const value = (await readMeshFile(home)).entries.get("contract_dirs")?.value;
  return Array.isArray(value) ? value.filter((dir) => typeof dir === "string") : [];
}
