/** Compiling a contract at run time: for users' own contracts, which nobody generated code for. ajv is loaded on first use. */
import { createRequire } from "node:module";
import type { Ajv2020 } from "ajv/dist/2020.js";
import { AJV_OPTIONS } from "./ajv-options.ts";
import type { Contract, FactsProblem } from "./contract.ts";
import { ContractFileError } from "./errors.ts";
import { placed } from "./schema-place.ts";
import { bareSchema, tolerantSchema, type JsonSchema } from "./schema-shape.ts";
import { problemsOf, type Validator, type ValidatorPair } from "./validator.ts";

const DIALECT = "https://json-schema.org/draft/2020-12/schema";

let ajv: Ajv2020 | undefined;

function loadedAjv(): Ajv2020 {
  if (ajv === undefined) {
    const require = createRequire(import.meta.url);
    const module = require("ajv/dist/2020.js") as typeof import("ajv/dist/2020.js");
    ajv = new module.Ajv2020({ ...AJV_OPTIONS, code: { ...AJV_OPTIONS.code, source: false, esm: false } });
  }
  return ajv;
}

/**
 * Compiles one schema.
 * @throws {Error} of ajv's when the schema is not valid JSON Schema 2020-12, or uses a format that is not known here
 */
export function compileSchema(schema: JsonSchema): Validator {
  const { $id: _id, ...anonymous } = bareSchema(schema);
  return loadedAjv().compile(anonymous) as unknown as Validator;
}

/**
 * Compiles both readings of a contract.
 * @throws {ContractFileError} the facts' schema is not valid
 */
export function compileContract(contract: Contract): ValidatorPair {
  const file = contract.file ?? `${contract.name}.schema.json`;
  const misshapen = firstPerPlace(problemsOf(metaSchema(), bareSchema(contract.schema)));
  if (misshapen.length > 0) throw new ContractFileError(misshapen.map((problem) => ({ file, ...problem })));
  try {
    return {
      hash: contract.hash,
      strict: compileSchema(contract.schema),
      tolerant: compileSchema(tolerantSchema(contract.schema)),
    };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ContractFileError([{ file, ...placed(message, bareSchema(contract.schema)) }], { cause });
  }
}

/** The schema of schemas: what it finds has a place in the file. */
function metaSchema(): Validator {
  return loadedAjv().getSchema(DIALECT) as unknown as Validator;
}

/** One word for each place: what an alternative of the schema of schemas says besides is noise. */
function firstPerPlace(problems: readonly FactsProblem[]): FactsProblem[] {
  return [...new Map([...problems].reverse().map((problem) => [problem.path, problem])).values()].reverse();
}
