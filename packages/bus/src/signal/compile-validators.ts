/** Compiling a contract at run time: for users' own contracts, which nobody generated code for. ajv is loaded on first use. */
import { createRequire } from "node:module";
import type { Ajv2020 } from "ajv/dist/2020.js";
import { AJV_OPTIONS } from "./ajv-options.ts";
import type { Contract } from "./contract.ts";
import { ContractFileError } from "./errors.ts";
import { bareSchema, tolerantSchema, type JsonSchema } from "./schema-shape.ts";
import type { Validator, ValidatorPair } from "./validator.ts";

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
  try {
    return {
      hash: contract.hash,
      strict: compileSchema(contract.schema),
      tolerant: compileSchema(tolerantSchema(contract.schema)),
    };
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    throw new ContractFileError([{ file: `${contract.name}.schema.json`, path: "", message }], { cause });
  }
}
