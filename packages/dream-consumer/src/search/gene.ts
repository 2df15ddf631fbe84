/** One parameter, prepared for the search: where its values lie on the unit interval, or that they have no order. */
import type { Dimension, ParamValue } from "@kloros/experiments";
import { linearScale, logScale } from "./scale.ts";

export type Gene = RealGene | StepsGene | CategoryGene;

export interface RealGene {
  readonly kind: "real";
  /** Whether there is more than one value. */
  readonly isFree: boolean;
  valueAt(place: number): ParamValue;
  placeOf(value: ParamValue): number;
}

/** Whole numbers, and lists of numbers in order: each value has a step of the interval. */
export interface StepsGene {
  readonly kind: "steps";
  readonly isFree: boolean;
  readonly count: number;
  valueAt(place: number): ParamValue;
  /** The value of step `index`, from 0. */
  nth(index: number): ParamValue;
  placeOf(value: ParamValue): number;
  /** Width of the step at a place, as a share of the interval. */
  widthAt(place: number): number;
}

export interface CategoryGene {
  readonly kind: "category";
  readonly isFree: boolean;
  readonly count: number;
  valueAt(index: number): ParamValue;
  indexOf(value: ParamValue): number;
}

/** Digits of a real parameter: enough to tell neighbouring places apart, without the tail of binary fractions. */
const REAL_DIGITS = 12;
/** Numbers in a list that make an order worth following. */
const MIN_ORDERED_VALUES = 3;

export function geneOf(dimension: Dimension): Gene {
  switch (dimension.type) {
    case "bool":
      return categoryGene([false, true]);
    case "choice":
      return isOrdered(dimension.values) ? orderedGene(dimension.values) : categoryGene(dimension.values);
    case "int":
      return wholeGene(dimension.min, dimension.max, dimension.log);
    case "real":
      return realGene(dimension.min, dimension.max, dimension.log);
  }
}

function categoryGene(values: readonly ParamValue[]): CategoryGene {
  return {
    kind: "category",
    isFree: values.length > 1,
    count: values.length,
    valueAt: (index) => values[index]!,
    indexOf: (value) => Math.max(0, values.indexOf(value)),
  };
}

function realGene(min: number, max: number, log: boolean): RealGene {
  const scale = log ? logScale(min, max) : linearScale(min, max);
  return {
    kind: "real",
    isFree: min < max,
    valueAt: (place) => clamp(Number(scale.valueAt(place).toPrecision(REAL_DIGITS)), min, max),
    placeOf: (value) => scale.placeOf(Number(value)),
  };
}

/** Each whole number reaches from half below it to half above. */
function wholeGene(min: number, max: number, log: boolean): StepsGene {
  const scale = log ? logScale(min - 0.5, max + 0.5) : linearScale(min - 0.5, max + 0.5);
  const valueAt = (place: number) => clamp(Math.round(scale.valueAt(place)), min, max);
  return {
    kind: "steps",
    isFree: min < max,
    count: max - min + 1,
    valueAt,
    nth: (index) => min + index,
    placeOf: (value) => scale.placeOf(Number(value)),
    widthAt: (place) => scale.placeOf(valueAt(place) + 0.5) - scale.placeOf(valueAt(place) - 0.5),
  };
}

function orderedGene(values: readonly ParamValue[]): StepsGene {
  const steps = wholeGene(0, values.length - 1, false);
  return {
    kind: "steps",
    isFree: true,
    count: values.length,
    valueAt: (place) => values[Number(steps.valueAt(place))]!,
    nth: (index) => values[index]!,
    placeOf: (value) => steps.placeOf(Math.max(0, values.indexOf(value))),
    widthAt: (place) => steps.widthAt(place),
  };
}

function isOrdered(values: readonly ParamValue[]): boolean {
  if (values.length < MIN_ORDERED_VALUES || !values.every((value) => typeof value === "number")) return false;
  const direction = Math.sign(values[1]! - values[0]!);
  return values.slice(1).every((value, index) => Math.sign(value - values[index]!) === direction);
}

function clamp(value: number, min: number, max: number): number {
  return Math.min(max, Math.max(min, value)) + 0; // Plus zero: JSON knows one zero.
}
