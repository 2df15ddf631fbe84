/** Whether something is a point of a search space. Pure. */
import { didYouMean } from "@kloros/checked-yaml";
import { isObject } from "../json-shape.ts";
import { canonicalParams } from "./canonical-params.ts";
import { isActive } from "./is-active.ts";
import type { Dimension, Params, SearchSpace } from "./search-space.ts";

/** Longest piece of a wrong value that a message repeats, in characters. */
const SHOWN_CHARACTERS = 60;

/** What keeps `params` from being a point of `space`, one sentence each; empty when it is one. */
export function paramsProblems(space: SearchSpace, params: unknown): string[] {
  if (!isObject(params)) return [`must be a mapping of parameters to values (got ${shown(params)})`];
  const active = canonicalParams(space, params as Params);
  const problems = [...space].flatMap(([name, dimension]) => {
    const value = Object.hasOwn(params, name) ? params[name] : undefined;
    if (!isActive(dimension, active)) {
      if (value === undefined) return [];
      const { param, values } = dimension.when!;
      return [`${name} must be left out: it exists only where ${param} is ${values.map(shown).join(" or ")}`];
    }
    if (value === undefined) return [`${name} is missing; it must be ${wanted(dimension)}`];
    return fits(dimension, value) ? [] : [`${name} must be ${wanted(dimension)} (got ${shown(value)})`];
  });
  for (const name of Object.keys(params)) {
    if (space.has(name)) continue;
    const meant = didYouMean(name, [...space.keys()]);
    problems.push(
      `${name} is no parameter of the search space${meant === undefined ? "" : `; did you mean ${meant}?`}`,
    );
  }
  return problems;
}

/** Whether the dimension has that value. */
export function fits(dimension: Dimension, value: unknown): boolean {
  switch (dimension.type) {
    case "bool":
      return typeof value === "boolean";
    case "choice":
      return (dimension.values as readonly unknown[]).includes(value);
    case "int":
      return Number.isSafeInteger(value) && isWithin(dimension, value);
    case "real":
      return isWithin(dimension, value);
  }
}

/** What the dimension accepts, in words. */
export function wanted(dimension: Dimension): string {
  switch (dimension.type) {
    case "bool":
      return "true or false";
    case "choice":
      return `one of ${dimension.values.map(shown).join(", ")}`;
    case "int":
      return `a whole number from ${dimension.min} to ${dimension.max}`;
    case "real":
      return `a number from ${dimension.min} to ${dimension.max}`;
  }
}

function isWithin({ min, max }: { readonly min: number; readonly max: number }, value: unknown): boolean {
  return typeof value === "number" && value >= min && value <= max;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  if (text === undefined || text.length <= SHOWN_CHARACTERS) return text ?? "nothing";
  return `${text.slice(0, SHOWN_CHARACTERS)}…`;
}
