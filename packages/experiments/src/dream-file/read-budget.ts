import type { Cursor, Fields } from "@kloros/checked-yaml";
import type { Budget } from "./dream-file.ts";
import { BUDGET } from "./dream-limits.ts";
import { wholeOf } from "./read-field.ts";

/** What is left out is taken from `above`; what is above it is cut down to it. */
export function readBudget(cursor: Cursor | undefined, above: Budget | null): Budget {
  const read = (key: keyof Budget, fields?: Fields) => {
    const limit = above?.[key];
    const value = wholeOf(fields, key, BUDGET[key], limit ?? BUDGET[key].default);
    return Math.min(value, limit ?? Infinity);
  };
  const all = (fields?: Fields) => ({
    wallclock_sec: read("wallclock_sec", fields),
    max_candidates: read("max_candidates", fields),
    max_generations: read("max_generations", fields),
  });
  return cursor?.map(all) ?? all();
}
