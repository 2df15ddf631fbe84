import { isActive } from "./is-active.ts";
import type { Params, ParamValue, SearchSpace } from "./search-space.ts";

/**
 * The same point with its parameters in the order of the space, and without those that are inactive or unknown; so equal
 * points have equal JSON.
 */
export function canonicalParams(space: SearchSpace, params: Params): Params {
  const canonical: Record<string, ParamValue> = {};
  for (const [name, dimension] of space) {
    const value = Object.hasOwn(params, name) ? params[name] : undefined;
    if (value !== undefined && isActive(dimension, canonical)) canonical[name] = value;
  }
  return canonical;
}
