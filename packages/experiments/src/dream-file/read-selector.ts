/** How a generation becomes the next; numbers that contradict each other are told. */
import type { Cursor, Fields } from "@kloros/checked-yaml";
import type { Selector } from "./dream-file.ts";
import { SELECTOR } from "./dream-limits.ts";
import { wholeOf } from "./read-field.ts";

/** `maxCandidates`: of the experiment's budget; a population that nobody asked for is no larger. */
export function readSelector(cursor: Cursor | undefined, maxCandidates: number): Selector {
  if (!cursor) return read(undefined, maxCandidates);
  return cursor.map((fields) => {
    const selector = read(fields, maxCandidates);
    reportContradictions(fields, selector, maxCandidates);
    return selector;
  });
}

function read(fields: Fields | undefined, maxCandidates: number): Selector {
  const population = wholeOf(
    fields,
    "population",
    SELECTOR.population,
    Math.max(SELECTOR.population.min, Math.min(SELECTOR.population.default, maxCandidates)),
  );
  const upTo = (standard: number) => Math.min(standard, population);
  return {
    population,
    tournament_size: wholeOf(fields, "tournament_size", SELECTOR.tournament_size, upTo(3)),
    survivors: wholeOf(fields, "survivors", SELECTOR.survivors, Math.max(1, Math.floor(population / 2))),
    elitism: wholeOf(fields, "elitism", SELECTOR.elitism),
    fresh_inject: wholeOf(fields, "fresh_inject", SELECTOR.fresh_inject),
  };
}

function reportContradictions(fields: Fields, selector: Selector, maxCandidates: number): void {
  const { population, tournament_size, survivors, elitism, fresh_inject } = selector;
  const all = `population, which is ${population}`;
  const complain = (key: string, message: string) => (fields.optional(key) ?? fields).problem(message);
  if (population > maxCandidates && fields.optional("population"))
    complain(
      "population",
      `must not be above budget.max_candidates, which is ${maxCandidates} (got ${population})`,
    );
  if (survivors > population) complain("survivors", `must not be above ${all} (got ${survivors})`);
  if (tournament_size > population)
    complain("tournament_size", `must not be above ${all} (got ${tournament_size})`);
  if (elitism >= population)
    complain("elitism", `must be below ${all}, or nothing new is ever tried (got ${elitism})`);
  else if (elitism + fresh_inject > population)
    complain(
      "fresh_inject",
      `and elitism together must not be above ${all} (got ${fresh_inject} and ${elitism})`,
    );
}
