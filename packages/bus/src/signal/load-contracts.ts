/**
 * Reading the contract files: once, at a daemon's start, synchronously. All problems of all files are reported at once.
 *
 * @see schemas/contract.schema.json for the form of a file, docs/signals.md for the catalogue
 */
import { fileURLToPath } from "node:url";
import type { Contract, Contracts } from "./contract.ts";
import { createContracts } from "./contract-set.ts";
import { ContractFileError } from "./errors.ts";
import { contractFile, daemonsFile, VALIDATORS } from "./generated/validators.ts";
import { readSchemaDirs, type SchemaFileChecks } from "./read-schema-dirs.ts";
import { schemaProblems } from "./schema-problems.ts";
import { problemsOf, type Validator } from "./validator.ts";

/** The same from `src/signal` and from `dist/signal`. */
const SHIPPED_SCHEMAS = fileURLToPath(new URL("../../../../schemas", import.meta.url));

export interface LoadContractsOptions {
  /** Folder with `daemons.json` and `signals/`. Default: the catalogue that is shipped. */
  readonly dir?: string;
  /** Further folders of that form for users' own signals and daemons; `daemons.json` may be absent. */
  readonly extraDirs?: readonly string[];
  /**
   * A daemon whose signals are to be ready for use: validators that nobody generated are compiled now, so that a
   * schema that is none is a problem of its start and not of its first signal. The shipped ones cost nothing.
   */
  readonly compileFor?: string;
}

/**
 * Reads all contracts and the roster of daemons.
 * @throws {ContractFileError} naming each file and each problem in it
 */
export function loadContracts(options: LoadContractsOptions = {}): Contracts {
  const dirs = [options.dir ?? SHIPPED_SCHEMAS, ...(options.extraDirs ?? [])];
  const { contracts, daemons, problems } = readSchemaDirs(dirs, CHECKS);
  if (problems.length > 0) throw new ContractFileError(problems);
  const all = createContracts(contracts, daemons, VALIDATORS);
  if (options.compileFor !== undefined) compileFor(options.compileFor, contracts, all);
  return all;
}

/** Whatever names the daemon; what any daemon may emit or hear is left to its first use. */
function compileFor(daemon: string, contracts: readonly Contract[], all: Contracts): void {
  const concerned = contracts.filter(
    ({ name, emitters, consumers }) =>
      emitters.includes(daemon) || consumers.includes(daemon) || all.watchersOf(name).includes(daemon),
  );
  const problems = concerned.flatMap(({ name }) => schemaProblems(name, all));
  if (problems.length > 0) throw new ContractFileError(problems);
}

const CHECKS: SchemaFileChecks = {
  contractFile: (document) => problemsOf(contractFile as Validator, document),
  daemonsFile: (document) => problemsOf(daemonsFile as Validator, document),
};
