/** `search_space:` of an experiment: `{name: [values]}` or `{name: {type, min, max, log, values, when}}`. */
import type { Cursor, Fields } from "@kloros/checked-yaml";
import { MAX_CHOICE_VALUES, MAX_PARAMETERS } from "../dream-file/dream-limits.ts";
import { readCondition } from "./read-condition.ts";
import type { Condition, Dimension, ParamValue, SearchSpace } from "./search-space.ts";

const NAME = {
  pattern: /^(?!__proto__$)[A-Za-z_][A-Za-z0-9_.-]{0,63}$/,
  form: "a parameter's name: 1 to 64 of letters, digits, _, . and -, beginning with a letter",
};

/** Stands in for a dimension that cannot be read. */
const NOTHING: Dimension = { type: "bool", when: null };

export function readSearchSpace(cursor: Cursor): SearchSpace {
  const space = new Map<string, Dimension>();
  cursor.entries((key, value) => {
    const name = key.string(NAME);
    space.set(name, value.kind === "list" ? choice(value, null) : readDimension(value, space));
  });
  if (cursor.kind === "map" && space.size === 0)
    cursor.problem("must not be empty: there is nothing to vary");
  if (space.size > MAX_PARAMETERS)
    cursor.problem(`must have at most ${MAX_PARAMETERS} parameters (got ${space.size})`);
  return space;
}

/** `earlier`: what `when` may refer to. */
function readDimension(cursor: Cursor, earlier: SearchSpace): Dimension {
  if (cursor.kind !== "map") {
    cursor.problem("must be a list of values, or a mapping such as {type: real, min: 0, max: 1}");
    return NOTHING;
  }
  return cursor.map((fields) => {
    const values = fields.optional("values");
    const before = fields.problemCount;
    const given = values ? fields.optional("type") : fields.required("type");
    const type = given?.oneOf(["choice", "real", "int", "bool"]) ?? "choice";
    if (fields.problemCount !== before) {
      fields.allow("min", "max", "log", "when"); // Whether they belong here cannot be told.
      return NOTHING;
    }
    const when = fields.optional("when");
    const condition = when ? readCondition(when, earlier) : null;
    if (type === "choice") return choice(values ?? fields.required("values"), condition);
    if (type === "bool") return { type, when: condition };
    return range(fields, type, condition);
  });
}

function range(fields: Fields, type: "int" | "real", when: Condition | null): Dimension {
  const read = (key: "min" | "max") => {
    const cursor = fields.required(key);
    return type === "int" ? cursor.integer() : cursor.number();
  };
  const before = fields.problemCount;
  const min = read("min");
  const max = read("max");
  const log = fields.optional("log")?.boolean() ?? false;
  if (fields.problemCount === before) {
    if (min >= max) fields.required("min").problem(`must be below max (got ${min} and ${max})`);
    if (log && min <= 0)
      fields.required("min").problem(`must be above 0 on a logarithmic scale (got ${min})`);
    if (!Number.isFinite(max - min))
      fields.problem("spans more than a number can hold; bring min and max closer");
  }
  return { type, min, max, log, when };
}

function choice(cursor: Cursor, when: Condition | null): Dimension {
  const values: ParamValue[] = [];
  cursor.list(
    (item) => {
      const value = item.scalar();
      if (values.includes(value))
        item.problem(`is there twice (${JSON.stringify(value)}); remove one of them`);
      values.push(value);
    },
    { min: 1, max: MAX_CHOICE_VALUES },
  );
  return { type: "choice", values, when };
}
