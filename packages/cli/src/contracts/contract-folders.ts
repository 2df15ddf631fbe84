/** Which contracts a command means: the shipped ones, those of the home, and those of folders that were named. */
import { existsSync, realpathSync } from "node:fs";
import { resolve, sep } from "node:path";
import { type Contract, type Contracts, loadContracts } from "@kloros/bus";
import { contractDirs } from "../program/contract-dirs.ts";

/** The home's folders, when there is a home, and `named` ones besides; each once, absolute. */
export async function foldersOf(home: string, named: readonly string[]): Promise<string[]> {
  const ofHome = existsSync(home) ? await contractDirs(home) : [];
  return unique([...ofHome, ...named.map((dir) => resolve(dir))]);
}

/** Contracts that stand in files below one of the folders, in order of name. */
export function contractsIn(contracts: Contracts, folders: readonly string[]): Contract[] {
  return contracts.names
    .map((name) => contracts.get(name))
    .filter((contract) => contract !== undefined)
    .filter(({ file }) => folders.some((folder) => file?.startsWith(folder + sep)));
}

/** @throws {ContractFileError} */
export function contractsWith(folders: readonly string[]): Contracts {
  return loadContracts({ extraDirs: folders });
}

/** The same folder by another name is no second folder. */
function unique(dirs: readonly string[]): string[] {
  const byPlace = new Map<string, string>();
  for (const dir of dirs) {
    const place = existsSync(dir) ? realpathSync(dir) : dir;
    if (!byPlace.has(place)) byPlace.set(place, dir);
  }
  return [...byPlace.values()];
}
