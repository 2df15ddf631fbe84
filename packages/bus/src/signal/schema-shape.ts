/** What a JSON Schema asserts, apart from how it is worded, and the same schema made tolerant of unknown members. */

export type JsonSchema = Readonly<Record<string, unknown>>;

const ONE_SCHEMA = new Set([
  "items",
  "additionalProperties",
  "unevaluatedProperties",
  "unevaluatedItems",
  "contains",
  "propertyNames",
  "then",
  "else",
]);
/** Under these a looser schema would make the whole stricter, or choose another branch: they stay as they are. */
const CONDITIONS = new Set(["not", "if"]);
const SCHEMA_LIST = new Set(["allOf", "anyOf", "oneOf", "prefixItems"]);
const SCHEMA_MAP = new Set(["properties", "patternProperties", "$defs", "dependentSchemas"]);
const WORDING = new Set([
  "title",
  "description",
  "examples",
  "default",
  "$comment",
  "deprecated",
  "readOnly",
  "writeOnly",
]);

/** The schema without titles, descriptions, examples and `x-` members: two contracts that agree in it accept the same facts. */
export function bareSchema(schema: JsonSchema): JsonSchema {
  const inner = (value: unknown): unknown => (isSchema(value) ? bareSchema(value) : value);
  const kept = Object.entries(schema).filter(
    ([keyword]) => !WORDING.has(keyword) && !keyword.startsWith("x-"),
  );
  return Object.fromEntries(kept.map(([keyword, value]) => [keyword, descend(keyword, value, inner, true)]));
}

/**
 * The schema with every closed level open: `additionalProperties: false` and `unevaluatedProperties: false` are gone (P8).
 * `oneOf` becomes `anyOf`, because branches that only differed in what they refuse may now both accept.
 */
export function tolerantSchema(schema: JsonSchema): JsonSchema {
  const inner = (value: unknown): unknown => (isSchema(value) ? tolerantSchema(value) : value);
  const kept = Object.entries(schema).filter(([keyword, value]) => !(isClosing(keyword) && value === false));
  return Object.fromEntries(
    kept.map(([keyword, value]) => [
      keyword === "oneOf" ? "anyOf" : keyword,
      descend(keyword, value, inner, false),
    ]),
  );
}

function isClosing(keyword: string): boolean {
  return keyword === "additionalProperties" || keyword === "unevaluatedProperties";
}

function descend(
  keyword: string,
  value: unknown,
  inner: (schema: unknown) => unknown,
  intoConditions: boolean,
): unknown {
  if (ONE_SCHEMA.has(keyword) || (intoConditions && CONDITIONS.has(keyword))) return inner(value);
  if (SCHEMA_LIST.has(keyword) && Array.isArray(value)) return value.map(inner);
  if (SCHEMA_MAP.has(keyword) && isSchema(value)) {
    return Object.fromEntries(Object.entries(value).map(([name, schema]) => [name, inner(schema)]));
  }
  return value;
}

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
