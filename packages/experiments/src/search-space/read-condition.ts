/** `when: {other_param: value | [values]}`: which other parameter a parameter depends on. */
import { type Cursor, didYouMean } from "@kloros/checked-yaml";
import { fits, wanted } from "./params-problems.ts";
import type { Condition, ParamValue, SearchSpace } from "./search-space.ts";

/** `earlier`: the parameters declared before. */
export function readCondition(cursor: Cursor, earlier: SearchSpace): Condition | null {
  const conditions = cursor.entries((key, value): Condition => {
    const param = key.string();
    return { param, values: readValues(value, param, earlier, key) };
  });
  if (conditions.length !== 1 && cursor.kind === "map")
    cursor.problem(`must name exactly one other parameter (got ${conditions.length})`);
  return conditions[0] ?? null;
}

function readValues(cursor: Cursor, param: string, earlier: SearchSpace, key: Cursor): readonly ParamValue[] {
  const dimension = earlier.get(param);
  if (!dimension) {
    const meant = didYouMean(param, [...earlier.keys()]);
    key.problem(
      `must name a parameter that is declared before this one${meant === undefined ? "" : `; did you mean ${meant}?`}`,
    );
  }
  const read = (item: Cursor) => {
    const value = item.scalar();
    if (dimension && !fits(dimension, value))
      item.problem(`can never be: ${param} is ${wanted(dimension)} (got ${JSON.stringify(value)})`);
    return value;
  };
  return cursor.kind === "list" ? cursor.list(read, { min: 1 }) : [read(cursor)];
}
