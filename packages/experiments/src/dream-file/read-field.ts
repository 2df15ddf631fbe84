/** Numbers of `dream.yaml`: one that is left out is its default, and so is one that is wrong, once that is reported. */
import type { Cursor, Fields } from "@kloros/checked-yaml";
import type { NumberField } from "./dream-limits.ts";

/** The whole number under `key`. */
export function wholeOf(
  fields: Fields | undefined,
  key: string,
  of: NumberField,
  standard = of.default,
): number {
  return soundOr(standard, fields?.optional(key), (cursor) => cursor.integer(of));
}

/** The number under `key`. */
export function numberOf(
  fields: Fields | undefined,
  key: string,
  of: NumberField,
  standard = of.default,
): number {
  return soundOr(standard, fields?.optional(key), (cursor) => cursor.number(of));
}

/** The amount of bytes under `key`. */
export function bytesOf(fields: Fields | undefined, key: string, of: NumberField): number {
  return soundOr(of.default, fields?.optional(key), (cursor) => cursor.bytes(of));
}

/** What depends on a number would otherwise contradict the stand-in of a wrong one, and be reported too. */
function soundOr(standard: number, cursor: Cursor | undefined, read: (cursor: Cursor) => number): number {
  if (!cursor) return standard;
  const before = cursor.problemCount;
  const value = read(cursor);
  return cursor.problemCount === before ? value : standard;
}
