/** Reads the fitness from what an evaluator printed. Pure. A number comes of it or a reason, never a guess. */
import { isDeeperThan } from "@kloros/bus";
import type { FailureKind } from "../cycle/candidate.ts";

export type ResultReading =
  | { readonly kind: "ok"; readonly fitness: number; readonly metrics: Readonly<Record<string, unknown>> }
  | { readonly kind: "failed"; readonly type: FailureKind; readonly message: string };

/** A fitness and some metrics; more would swell the results of a generation. */
const MAX_RESULT_CHARACTERS = 64 * 1024;
const MAX_DEPTH = 16;
const MAX_SHOWN_CHARACTERS = 80;
/** As Python and others print what JSON has no word for. */
const NOT_FINITE_WORD = /(?<=[:[,\s])[-+]?(?:NaN|nan|Infinity|inf)(?=[\s,\]}])/g;

/** The last line that is not empty, as `{"fitness": number, "metrics"?: {…}}`; further members are passed over. */
export function readResult(stdout: string): ResultReading {
  const line = stdout.trimEnd().split("\n").at(-1)!.trim();
  if (line === "") return failed("NoResult", "the evaluator printed nothing");
  if (line.length > MAX_RESULT_CHARACTERS)
    return failed(
      "InvalidResult",
      `the last line has ${line.length} characters; at most ${MAX_RESULT_CHARACTERS}`,
    );
  const value = parse(line);
  if (value === NOT_FINITE) return failed("NotFinite", `the last line holds NaN or Infinity: ${shown(line)}`);
  if (value === undefined) return failed("InvalidResult", `the last line is not JSON: ${shown(line)}`);
  if (isDeeperThan(line, MAX_DEPTH))
    return failed("InvalidResult", `the last line is nested deeper than ${MAX_DEPTH} levels`);
  if (!isObject(value) || !Object.hasOwn(value, "fitness"))
    return failed("InvalidResult", `the last line is no object with "fitness": ${shown(line)}`);
  const { fitness, metrics = {} } = value;
  if (fitness === null) return failed("NotFinite", "fitness is null, as JSON writes NaN and Infinity");
  if (typeof fitness !== "number")
    return failed("InvalidResult", `fitness must be a number (got ${shown(JSON.stringify(fitness))})`);
  if (!isObject(metrics))
    return failed("InvalidResult", `metrics must be an object (got ${shown(JSON.stringify(metrics))})`);
  if (!isFiniteThroughout(value))
    return failed("NotFinite", `a number is too large to be one: ${shown(line)}`);
  return { kind: "ok", fitness, metrics };
}

const NOT_FINITE = Symbol("NaN or Infinity");

function parse(line: string): unknown {
  const value = tryParse(line);
  if (value !== undefined) return value;
  const mended = line.replace(NOT_FINITE_WORD, "0");
  return mended !== line && tryParse(mended) !== undefined ? NOT_FINITE : undefined;
}

function tryParse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** `1e999` is JSON and becomes Infinity. */
function isFiniteThroughout(value: unknown): boolean {
  if (typeof value === "number") return Number.isFinite(value);
  if (typeof value !== "object" || value === null) return true;
  return Object.values(value).every(isFiniteThroughout);
}

function shown(text: string): string {
  return text.length > MAX_SHOWN_CHARACTERS ? `${text.slice(0, MAX_SHOWN_CHARACTERS)}…` : text;
}

function failed(type: FailureKind, message: string): ResultReading {
  return { kind: "failed", type, message };
}
