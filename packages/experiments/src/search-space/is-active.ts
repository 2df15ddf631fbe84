import type { Dimension, Params } from "./search-space.ts";

/** Whether the parameter exists at that point. One whose condition names an absent parameter does not. */
export function isActive(dimension: Dimension, params: Params): boolean {
  const { when } = dimension;
  if (when === null) return true;
  const value = Object.hasOwn(params, when.param) ? params[when.param] : undefined;
  return value !== undefined && when.values.includes(value);
}
