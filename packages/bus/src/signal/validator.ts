/** A compiled schema, wherever it was compiled, and its verdict in words. */
import type { FactsProblem } from "./contract.ts";
import { pointerPart, valueAt } from "./json-pointer.ts";

/** What ajv's code leaves behind about one violation. */
export interface RawError {
  readonly instancePath: string;
  readonly keyword: string;
  readonly params: Readonly<Record<string, unknown>>;
}

/** A validating function as ajv makes it, at run time or as source code. */
export interface Validator {
  (data: unknown, context?: object): boolean;
  errors?: readonly (RawError | undefined)[] | null;
}

/** The two readings of one contract (P8), and the hash of the contract they were made from. */
export interface ValidatorPair {
  readonly hash: string;
  readonly strict: Validator;
  readonly tolerant: Validator;
}

/** The answer for valid facts, shared, so that the hot path allocates nothing. */
export const NO_PROBLEMS: readonly FactsProblem[] = Object.freeze([]);
/** Most problems told of one value; the rest is noise. */
const MAX_PROBLEMS = 20;
/** Longest rendering of an offending value in a message, in characters. */
const MAX_SHOWN_CHARS = 60;

/** Passed to each call so that the generated code does not make an object of its own. */
const CONTEXT = Object.freeze({
  instancePath: "",
  parentData: undefined,
  parentDataProperty: undefined,
  rootData: undefined,
});

/** All problems of a value, at most 20; the shared empty array when there are none. */
export function problemsOf(validator: Validator, data: unknown): readonly FactsProblem[] {
  if (validator(data, CONTEXT)) return NO_PROBLEMS;
  const errors = (validator.errors ?? []).filter((error) => error !== undefined);
  validator.errors = null;
  const told = errors.filter(
    (error) => !(error.keyword === "if" || error.keyword === "propertyNames" ? errors.length > 1 : false),
  );
  return told.slice(0, MAX_PROBLEMS).map((error) => describe(error, data));
}

function describe(error: RawError, data: unknown): FactsProblem {
  const p = error.params;
  const path = error.instancePath;
  switch (error.keyword) {
    case "required":
      return { path: path + pointerPart(String(p["missingProperty"])), message: "is required" };
    case "dependentRequired":
      return {
        path: path + pointerPart(String(p["missingProperty"])),
        message: `is required beside ${String(p["property"])}`,
      };
    case "additionalProperties":
      return {
        path: path + pointerPart(String(p["additionalProperty"])),
        message: "is not known to the contract",
      };
    case "unevaluatedProperties":
      return {
        path: path + pointerPart(String(p["unevaluatedProperty"])),
        message: "is not known to the contract",
      };
    default:
      return { path, message: `${rule(error)} (got ${shown(valueAt(data, path))})` };
  }
}

const LIMITS: Readonly<Record<string, (limit: string) => string>> = {
  minimum: (limit) => `must be at least ${limit}`,
  maximum: (limit) => `must be at most ${limit}`,
  exclusiveMinimum: (limit) => `must be more than ${limit}`,
  exclusiveMaximum: (limit) => `must be less than ${limit}`,
  minLength: (limit) => `must have at least ${limit} characters`,
  maxLength: (limit) => `must have at most ${limit} characters`,
  minItems: (limit) => `must have at least ${limit} items`,
  maxItems: (limit) => `must have at most ${limit} items`,
  minProperties: (limit) => `must have at least ${limit} members`,
  maxProperties: (limit) => `must have at most ${limit} members`,
};

function rule({ keyword, params: p }: RawError): string {
  const limit = LIMITS[keyword];
  if (limit !== undefined) return limit(String(p["limit"]));
  switch (keyword) {
    case "type":
      return `must be ${list(p["type"])}`;
    case "enum":
      return `must be one of ${list(p["allowedValues"], ", ")}`;
    case "const":
      return `must be ${shown(p["allowedValue"])}`;
    case "pattern":
      return `must match ${String(p["pattern"])}`;
    case "format":
      return `must be a ${String(p["format"])}`;
    case "multipleOf":
      return `must be a multiple of ${String(p["multipleOf"])}`;
    case "uniqueItems":
      return "must not repeat an item";
    case "propertyNames":
      return `must not have a member named ${shown(p["propertyName"])}`;
    default:
      return `does not satisfy ${keyword}`;
  }
}

function list(value: unknown, separator = " or "): string {
  return Array.isArray(value) ? value.map(String).join(separator) : String(value);
}

function shown(value: unknown): string {
  let text: string | undefined;
  try {
    text =
      typeof value === "string" ? JSON.stringify(value.slice(0, MAX_SHOWN_CHARS)) : JSON.stringify(value);
  } catch {
    text = undefined;
  }
  text ??= String(value);
  return text.length > MAX_SHOWN_CHARS ? `${text.slice(0, MAX_SHOWN_CHARS)}…` : text;
}
