/** The form of parameters and dimensions in files that daemons write for each other. */
import {
  type Check,
  either,
  isBoolean,
  isFinite,
  isName,
  isText,
  listOf,
  mapOf,
  nullable,
  oneOf,
  shape,
} from "../json-shape.ts";
import type { Condition, Dimension, Params, ParamValue } from "./search-space.ts";

export const isParamValue: Check<ParamValue> = either(either(isText, isBoolean), isFinite);
export const isParams: Check<Params> = mapOf(isParamValue);

const isCondition = nullable(shape<Condition>({ param: isName, values: listOf(isParamValue) }));

export const isDimension: Check<Dimension> = either(
  either(
    shape<Extract<Dimension, { type: "choice" }>>({
      type: oneOf("choice"),
      values: listOf(isParamValue),
      when: isCondition,
    }),
    shape<Extract<Dimension, { type: "bool" }>>({ type: oneOf("bool"), when: isCondition }),
  ),
  shape<Extract<Dimension, { type: "int" | "real" }>>({
    type: oneOf("int", "real"),
    min: isFinite,
    max: isFinite,
    log: isBoolean,
    when: isCondition,
  }),
);
