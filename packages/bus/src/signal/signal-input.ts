/**
 * A signal object as people and programs hand it in: at least `signal` and `facts`, and whatever else a printed example or
 * a line of `chem-bus listen` has. Fields that the emit sets itself are checked, then ignored.
 */
import type { Contracts, FactsProblem } from "./contract.ts";
import { PRIORITIES } from "./envelope.ts";
import { DAEMON_NAME, isSignalName, isTimestamp, UUID } from "./envelope-fields.ts";
import { pointerPart } from "./json-pointer.ts";

/** Other fields of an envelope, which a copied signal may carry. */
const SET_BY_EMIT = new Set([
  "version",
  "correlation_id",
  "causation_id",
  "traceparent",
  "epoch",
  "seq",
  "prev",
]);

/** Form of each field that means something on the way in; absent is fine unless `required`. */
const FIELDS: Readonly<
  Record<string, { test: (value: unknown) => boolean; message: string; required?: true }>
> = {
  signal: { test: isSignalName, message: "must be a signal name, Q_<ACTION>_<STATE>", required: true },
  facts: { test: isObject, message: "must be an object", required: true },
  id: { test: (value) => typeof value === "string" && UUID.test(value), message: "must be a lowercase UUID" },
  timestamp: {
    test: (value) => typeof value === "string" && isTimestamp(value),
    message: "must be an RFC 3339 time, such as 2025-11-15T10:30:00Z",
  },
  source: {
    test: (value) => typeof value === "string" && DAEMON_NAME.test(value),
    message: "must be a daemon name",
  },
  priority: {
    test: (value) => PRIORITIES.some((priority) => priority === value),
    message: `must be one of ${PRIORITIES.join(", ")}`,
  },
};

/**
 * All problems of a signal object as input for an emit: its fields, the emit right of its `source` if it names one, and its
 * facts under the contract, strictly. Paths are JSON Pointers into the object. Empty: an emit will take it.
 */
export function inputProblems(input: unknown, contracts: Contracts): readonly FactsProblem[] {
  if (!isObject(input)) return [{ path: "", message: "must be an object with signal and facts" }];
  const problems = fieldProblems(input);
  if (problems.length > 0) return problems;
  const signal = input["signal"] as string;
  const source = input["source"];
  if (contracts.get(signal) === undefined)
    return contracts.problemsOut(signal, input["facts"]).map((p) => ({ ...p, path: "/signal" }));
  if (typeof source === "string" && !contracts.mayEmit(source, signal)) {
    return [
      {
        path: "/source",
        message: `may not emit ${signal}; its contract allows ${contracts.emittersOf(signal).join(", ")}`,
      },
    ];
  }
  return contracts.problemsOut(signal, input["facts"]).map((p) => ({ ...p, path: `/facts${p.path}` }));
}

function fieldProblems(input: Readonly<Record<string, unknown>>): FactsProblem[] {
  const problems: FactsProblem[] = [];
  for (const [name, field] of Object.entries(FIELDS)) {
    const value = input[name];
    if (value === undefined ? field.required === true : !field.test(value)) {
      problems.push({
        path: pointerPart(name),
        message: value === undefined ? "is required" : field.message,
      });
    }
  }
  for (const name of Object.keys(input)) {
    if (Object.hasOwn(FIELDS, name) || SET_BY_EMIT.has(name)) continue;
    problems.push({
      path: pointerPart(name),
      message: "is not a field of a signal; what it says belongs into facts",
    });
  }
  return problems;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
