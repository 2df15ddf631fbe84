/** Reading folders of contract files without judging the whole. The checks are handed in, so that the generator can bring its own. */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Contract, DaemonInfo, FactsProblem } from "./contract.ts";
import { CONTRACT_FILE_ENDING, readContract } from "./contract-file.ts";
import { isSignalName } from "./envelope-fields.ts";
import { withWishes } from "./roster-wishes.ts";
import type { ContractFileProblem } from "./errors.ts";

/** Validators of the two kinds of file. */
export interface SchemaFileChecks {
  readonly contractFile: (document: unknown) => readonly FactsProblem[];
  readonly daemonsFile: (document: unknown) => readonly FactsProblem[];
}

export interface SchemaDirs {
  readonly contracts: readonly Contract[];
  readonly daemons: readonly DaemonInfo[];
  readonly problems: readonly ContractFileProblem[];
}

/** Reads `daemons.json` and `signals/` of each folder; only the first must have a roster. Later files may not redefine earlier ones. */
export function readSchemaDirs(dirs: readonly string[], checks: SchemaFileChecks): SchemaDirs {
  const contracts = new Map<string, Contract>();
  const daemons = new Map<string, DaemonInfo>();
  const files = new Map<string, string>();
  const problems: ContractFileProblem[] = [];
  for (const dir of dirs) {
    for (const file of contractFiles(dir, problems)) {
      const read = readContract(file, readFileSync(file, "utf8"), checks.contractFile);
      if (read.kind === "bad") problems.push(...read.problems);
      else if (!isSignalName(read.contract.name))
        problems.push({ file, path: "", message: "must be named Q_<ACTION>_<STATE>.schema.json" });
      else if (contracts.has(read.contract.name))
        problems.push({ file, path: "", message: `${read.contract.name} has a contract already` });
      else contracts.set(read.contract.name, read.contract);
    }
    for (const daemon of rosterOf(dir, dir === dirs[0], checks, problems)) {
      const twin = [...daemons.values()].find(
        (other) => other.name === daemon.name || other.port === daemon.port,
      );
      files.set(daemon.name, join(dir, "daemons.json"));
      if (twin === undefined) daemons.set(daemon.name, daemon);
      else
        problems.push({
          file: join(dir, "daemons.json"),
          path: "",
          message: `${daemon.name} has the name or port of ${twin.name} (${twin.port})`,
        });
    }
  }
  const read = { contracts: [...contracts.values()], daemons: [...daemons.values()] };
  const { contracts: all, refused } = withWishes(read.contracts, read.daemons);
  for (const { daemon, message } of refused) {
    const file = files.get(daemon) ?? "daemons.json";
    problems.push({ file, path: "", message: `${daemon} ${message}` });
  }
  return { contracts: all, daemons: read.daemons, problems };
}

function contractFiles(dir: string, problems: ContractFileProblem[]): readonly string[] {
  const folder = join(dir, "signals");
  try {
    const names = readdirSync(folder).filter((name) => name.endsWith(CONTRACT_FILE_ENDING));
    return names.sort().map((name) => join(folder, name));
  } catch (cause) {
    problems.push({ file: folder, path: "", message: `cannot be read: ${(cause as Error).message}` });
    return [];
  }
}

function rosterOf(
  dir: string,
  isRequired: boolean,
  checks: SchemaFileChecks,
  problems: ContractFileProblem[],
): readonly DaemonInfo[] {
  const file = join(dir, "daemons.json");
  if (!isRequired && !existsSync(file)) return [];
  try {
    const roster: unknown = JSON.parse(readFileSync(file, "utf8"));
    const found = checks.daemonsFile(roster);
    problems.push(...found.map((problem) => ({ file, ...problem })));
    if (found.length > 0) return [];
    return (roster as { daemons: DaemonInfo[] }).daemons.map((daemon) =>
      daemon.main === undefined ? daemon : { ...daemon, main: resolve(dir, daemon.main) },
    );
  } catch (cause) {
    const what = cause instanceof SyntaxError ? "is not JSON" : "cannot be read";
    problems.push({ file, path: "", message: `${what}: ${(cause as Error).message}` });
    return [];
  }
}
