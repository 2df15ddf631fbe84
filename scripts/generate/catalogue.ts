/** The catalogue as the generator reads it: checked against schemas/*.schema.json themselves, not against code generated from them. */
import { readFileSync } from "node:fs";
import { compileSchema } from "../../packages/bus/src/signal/compile-validators.ts";
import type { Contract, DaemonInfo } from "../../packages/bus/src/signal/contract.ts";
import { ContractFileError } from "../../packages/bus/src/signal/errors.ts";
import { readSchemaDirs } from "../../packages/bus/src/signal/read-schema-dirs.ts";
import type { JsonSchema } from "../../packages/bus/src/signal/schema-shape.ts";
import { problemsOf } from "../../packages/bus/src/signal/validator.ts";
import { ROOT } from "./root.ts";

export interface Catalogue {
  /** In order of name. */
  readonly contracts: readonly Contract[];
  readonly daemons: readonly DaemonInfo[];
  /** Schemas of the contract files and of the roster, by the name of the validator that is generated for them. */
  readonly fileSchemas: Readonly<Record<"contractFile" | "daemonsFile", JsonSchema>>;
}

/** @throws {ContractFileError} naming each problem of each file */
export function readCatalogue(): Catalogue {
  const fileSchemas = { contractFile: schemaAt("contract"), daemonsFile: schemaAt("daemons") };
  const contractFile = compileSchema(fileSchemas.contractFile);
  const daemonsFile = compileSchema(fileSchemas.daemonsFile);
  const { contracts, daemons, problems } = readSchemaDirs([`${ROOT}schemas`], {
    contractFile: (document) => problemsOf(contractFile, document),
    daemonsFile: (document) => problemsOf(daemonsFile, document),
  });
  if (problems.length > 0) throw new ContractFileError(problems);
  return { contracts, daemons, fileSchemas };
}

function schemaAt(name: string): JsonSchema {
  return JSON.parse(readFileSync(`${ROOT}schemas/${name}.schema.json`, "utf8")) as JsonSchema;
}
