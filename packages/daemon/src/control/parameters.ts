/**
 * What an event's `data` must be, as JSON Schema, and the check of it, in words. Pure.
 * Only the keywords below are known: a full validator would cost each daemon 10 MB and 150 ms for a handful of members.
 */
import { didYouMean } from "../settings/did-you-mean.ts";

export type JsonType = "string" | "number" | "integer" | "boolean" | "object" | "array" | "null";

/** JSON Schema of one member. */
export interface ParameterSchema {
  readonly type?: JsonType | readonly JsonType[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  /** Filled in when the member is left out (members of `data` itself only). */
  readonly default?: unknown;
  readonly examples?: readonly unknown[];
  readonly minLength?: number;
  readonly maxLength?: number;
  /** Regular expression, with the `u` flag. */
  readonly pattern?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly items?: ParameterSchema;
  readonly properties?: Readonly<Record<string, ParameterSchema>>;
  readonly required?: readonly string[];
  /** In a member that is an object: false refuses unknown members. Default true. */
  readonly additionalProperties?: boolean;
}

/** JSON Schema of `data`; unknown members are always refused. */
export interface ParametersSchema {
  readonly type?: "object";
  readonly properties: Readonly<Record<string, ParameterSchema>>;
  readonly required?: readonly string[];
}

export type CheckedData =
  | { readonly kind: "valid"; readonly data: Readonly<Record<string, unknown>> }
  | { readonly kind: "invalid"; readonly problems: readonly string[] };

/** Most problems told at once. */
const MAX_PROBLEMS = 10;
/** Longest rendering of an offending value in a message, in characters. */
const MAX_SHOWN_CHARACTERS = 60;

/** Checks `data` of a request; no `data` counts as none of its members. */
export function checkData(schema: ParametersSchema, data: unknown): CheckedData {
  if (data !== undefined && data !== null && !isObject(data))
    return { kind: "invalid", problems: [`data must be an object (got ${shown(data)})`] };
  const given: Readonly<Record<string, unknown>> = data ?? {};
  const problems = membersProblems("", given, schema, false).slice(0, MAX_PROBLEMS);
  if (problems.length > 0) return { kind: "invalid", problems };
  const defaults = Object.entries(schema.properties).flatMap(([name, { default: value }]) =>
    value === undefined || given[name] !== undefined ? [] : [[name, value] as const],
  );
  return {
    kind: "valid",
    data: defaults.length === 0 ? given : { ...Object.fromEntries(defaults), ...given },
  };
}

function membersProblems(
  path: string,
  value: Readonly<Record<string, unknown>>,
  schema: Pick<ParameterSchema, "properties" | "required">,
  open: boolean,
): string[] {
  const known = schema.properties ?? {};
  const at = (name: string) => (path === "" ? name : `${path}.${name}`);
  const missing = (schema.required ?? [])
    .filter((name) => value[name] === undefined)
    .map((name) => `${at(name)} is required${describing(known[name])}`);
  const others = Object.entries(value).flatMap(([name, member]) => {
    const of = Object.hasOwn(known, name) ? known[name] : undefined;
    if (of !== undefined) return member === undefined ? [] : problemsOf(at(name), member, of);
    return open ? [] : [unknownMember(at(name), name, Object.keys(known))];
  });
  return [...missing, ...others];
}

function describing(schema: ParameterSchema | undefined): string {
  return schema?.description === undefined ? "" : `: ${schema.description}`;
}

function unknownMember(path: string, name: string, known: readonly string[]): string {
  const meant = didYouMean(name, known);
  if (meant !== undefined) return `${path} is unknown: did you mean ${meant}?`;
  return `${path} is unknown: ${known.length === 0 ? "this event takes nothing" : `known are ${known.join(", ")}`}`;
}

function problemsOf(path: string, value: unknown, schema: ParameterSchema): string[] {
  const rule = brokenRule(value, schema);
  if (rule !== null) return [`${path} must be ${rule} (got ${shown(value)})`];
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined ? [] : value.flatMap((item, n) => problemsOf(`${path}[${n}]`, item, items));
  }
  if (!isObject(value)) return [];
  return membersProblems(path, value, schema, schema.additionalProperties !== false);
}

/** What the value itself is not, in words; null when it is as the schema says. */
function brokenRule(value: unknown, schema: ParameterSchema): string | null {
  const types = typeof schema.type === "string" ? [schema.type] : schema.type;
  if (schema.enum !== undefined && !schema.enum.includes(value))
    return `one of ${schema.enum.map(String).join(", ")}`;
  if (types !== undefined && !types.some((type) => isOfType(value, type)))
    return types.map(article).join(" or ");
  if (typeof value === "string") return brokenText(value, schema);
  if (typeof value === "number") {
    if (value < (schema.minimum ?? -Infinity)) return `at least ${schema.minimum}`;
    if (value > (schema.maximum ?? Infinity)) return `at most ${schema.maximum}`;
  }
  if (Array.isArray(value)) {
    if (value.length < (schema.minItems ?? 0)) return `a list of at least ${schema.minItems}`;
    if (value.length > (schema.maxItems ?? Infinity)) return `a list of at most ${schema.maxItems}`;
  }
  return null;
}

function brokenText(text: string, { minLength, maxLength, pattern }: ParameterSchema): string | null {
  if (text.length < (minLength ?? 0))
    return minLength === 1 ? "not empty" : `at least ${minLength} characters long`;
  if (text.length > (maxLength ?? Infinity)) return `at most ${maxLength} characters long`;
  if (pattern !== undefined && !new RegExp(pattern, "u").test(text)) return `of the form ${pattern}`;
  return null;
}

/** The JSON type of a value, as `state:set` names it: whole numbers are integers. */
export function isOfType(value: unknown, type: JsonType): boolean {
  switch (type) {
    case "null":
      return value === null;
    case "array":
      return Array.isArray(value);
    case "object":
      return isObject(value);
    case "integer":
      return Number.isSafeInteger(value);
    case "number":
      return typeof value === "number" && Number.isFinite(value);
    default:
      return typeof value === type;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

const article = (type: JsonType): string =>
  type === "null" ? "null" : /^[aeio]/.test(type) ? `an ${type}` : `a ${type}`;

function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text;
}
