/** Search spaces and options as fast-check makes them up. */
import type { Condition, Dimension, Mutators, Params, SearchSpace, Selector } from "@kloros/experiments";
import fc from "fast-check";
import type { SearchOptions } from "../../src/search/engine.ts";

export const SELECTOR: Selector = {
  population: 12,
  tournament_size: 3,
  survivors: 6,
  elitism: 1,
  fresh_inject: 1,
};
export const MUTATORS: Mutators = {
  algorithm: "auto",
  gaussian_sigma: 0.15,
  categorical_rate: 0.2,
  crossover_rate: 0.5,
};

export function optionsFor(space: SearchSpace, changes: Partial<SearchOptions> = {}): SearchOptions {
  return { space, selector: SELECTOR, mutators: MUTATORS, direction: "up", seed: 1, starts: [], ...changes };
}

export function spaceOf(dimensions: Readonly<Record<string, Dimension>>): SearchSpace {
  return new Map(Object.entries(dimensions));
}

export const real = (min: number, max: number, log = false): Dimension => ({
  type: "real",
  min,
  max,
  log,
  when: null,
});
export const whole = (min: number, max: number, log = false): Dimension => ({
  type: "int",
  min,
  max,
  log,
  when: null,
});
export const choice = (...values: readonly (string | number | boolean)[]): Dimension => ({
  type: "choice",
  values,
  when: null,
});
export const flag: Dimension = { type: "bool", when: null };

export function given(dimension: Dimension, when: Condition): Dimension {
  return { ...dimension, when };
}

const value = fc.oneof(fc.integer({ min: -50, max: 50 }), fc.string({ maxLength: 4 }), fc.boolean());
const bounds = fc
  .tuple(fc.double({ min: -1e6, max: 1e6, noNaN: true }), fc.double({ min: 0, max: 1e6, noNaN: true }))
  .map(([min, width]) => ({ min: min + 0, max: min + width }));
const range: fc.Arbitrary<Dimension> = fc.oneof(
  bounds.map(({ min, max }) => real(min, max)),
  bounds.map(({ min, max }) => real(Math.abs(min) + 1e-6, Math.abs(min) + 1e-6 + (max - min), true)),
  fc
    .tuple(fc.integer({ min: -1000, max: 1000 }), fc.nat(1000))
    .map(([min, width]) => whole(min, min + width)),
  fc
    .tuple(fc.integer({ min: 1, max: 1000 }), fc.nat(1000))
    .map(([min, width]) => whole(min, min + width, true)),
);
const unconditional: fc.Arbitrary<Dimension> = fc.oneof(
  range,
  fc.constant(flag),
  fc.uniqueArray(value, { minLength: 1, maxLength: 5 }).map((values) => choice(...values)),
  fc.uniqueArray(fc.integer({ min: -50, max: 50 }), { minLength: 3, maxLength: 8 }).map((values) => {
    return choice(...values.sort((a, b) => a - b));
  }),
);

/** Up to eight parameters of all kinds, some of them existing only beside others. */
export const anySpace: fc.Arbitrary<SearchSpace> = fc
  .array(fc.tuple(unconditional, fc.option(fc.nat(), { nil: null })), { minLength: 1, maxLength: 8 })
  .map((drawn) => {
    const space = new Map<string, Dimension>();
    for (const [dimension, lot] of drawn) space.set(`p${space.size}`, conditional(dimension, space, lot));
    return space;
  });

export const anyAlgorithm = fc.constantFrom<Mutators["algorithm"]>("auto", "evolution", "cma_es", "random");

const anySelector: fc.Arbitrary<Selector> = fc.record({
  population: fc.integer({ min: 1, max: 20 }),
  tournament_size: fc.integer({ min: 1, max: 30 }),
  survivors: fc.integer({ min: 1, max: 30 }),
  elitism: fc.nat(10),
  fresh_inject: fc.nat(20),
});

export const anyOptions: fc.Arbitrary<SearchOptions> = fc
  .record({
    space: anySpace,
    algorithm: anyAlgorithm,
    selector: anySelector,
    direction: fc.constantFrom("up" as const, "down" as const),
    seed: fc.nat(2 ** 31 - 1),
    rates: fc.record({
      gaussian_sigma: fc.double({ min: 0.0001, max: 1, noNaN: true }),
      categorical_rate: fc.double({ min: 0, max: 1, noNaN: true }),
      crossover_rate: fc.double({ min: 0, max: 1, noNaN: true }),
    }),
  })
  .map(({ algorithm, rates, ...rest }) => ({ ...rest, mutators: { ...rates, algorithm }, starts: [] }));

/** A made-up fitness of a point: repeatable, uneven, and sometimes a failure. */
export function fitnessOf(params: Params): number | null {
  let sum = 0;
  for (const char of JSON.stringify(params)) sum = (sum * 31 + char.charCodeAt(0)) % 10_007;
  return sum % 7 === 0 ? null : sum % 100;
}

function conditional(dimension: Dimension, space: SearchSpace, lot: number | null): Dimension {
  const entries = [...space];
  const entry = lot === null ? undefined : entries[lot % (entries.length + 1)];
  if (entry === undefined) return dimension;
  const [param, parent] = entry;
  if (parent.type === "bool") return given(dimension, { param, values: [lot! % 2 === 0] });
  if (parent.type === "choice")
    return given(dimension, { param, values: parent.values.slice(0, 1 + (lot! % parent.values.length)) });
  return given(dimension, { param, values: [parent.min] });
}
