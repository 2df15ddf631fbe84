/** Which daemons `kloros up` runs: those of the roster that are built, or those of them that were named. */
import { existsSync } from "node:fs";
import { loadContracts } from "@kloros/bus";
import { didYouMean } from "@kloros/daemon";
import { unreachable, usageError } from "../program/errors.ts";
import { type InstalledDaemon, installedDaemons } from "./roster.ts";

export interface ChosenDaemons {
  readonly daemons: readonly InstalledDaemon[];
  /** Users' daemons in the roster whose program is not there: not started, and told. */
  readonly unbuilt: readonly { readonly name: string; readonly main: string }[];
}

/**
 * `only` is empty for all of them.
 * @throws {CommandError} 64 a name that is none, or not built; 69 nothing is built · {ContractFileError}
 */
export function chooseDaemons(contractDirs: readonly string[], only: readonly string[]): ChosenDaemons {
  const contracts = loadContracts({ extraDirs: contractDirs });
  const installed = installedDaemons(contracts);
  if (installed.length === 0)
    throw unreachable("no daemon is built yet; in the root of the checkout run: npm run build");
  const unbuilt = contracts.daemons.flatMap(({ name, main }) =>
    main === undefined || existsSync(main) ? [] : [{ name, main }],
  );
  const names = installed.map(({ name }) => name);
  for (const wanted of only) {
    if (names.includes(wanted)) continue;
    const bare = unbuilt.find(({ name }) => name === wanted);
    if (bare !== undefined)
      throw usageError(
        `--only ${wanted}: it is not built, ${bare.main} is not there; in its folder run: npm run build`,
      );
    const meant = didYouMean(wanted, names);
    throw usageError(
      `--only ${wanted}: no such daemon${meant === undefined ? "" : `; did you mean ${meant}?`} (there are ${names.join(", ")})`,
    );
  }
  const isWanted = ({ name }: { readonly name: string }): boolean => only.length === 0 || only.includes(name);
  return { daemons: installed.filter(isWanted), unbuilt: unbuilt.filter(isWanted) };
}
