/** The command line of the three programs: the guard's limits, the size of a measurement, and the artifact. */
import { parseArgs } from "node:util";
import { ComplaintError } from "../run-experiment.ts";

export interface Options {
  /** Signals in one round. */
  readonly signals: number;
  /** Rounds that are counted, after one that is not. */
  readonly rounds: number;
  /** Longest median time from an emit to its handler, in milliseconds. */
  readonly maxLatencyMs: number;
  /** Most memory of either process, in bytes. */
  readonly maxMemoryBytes: number;
  /** Path of `params.json`; `""` where none was given. */
  readonly artifact: string;
}

const DEFAULTS = { signals: "20000", rounds: "5", "max-latency-ms": "50", "max-memory-mb": "300" };

/** @throws {ComplaintError} */
export function optionsOf(argv: readonly string[]): Options {
  const option = { type: "string" } as const;
  const options = { signals: option, rounds: option, "max-latency-ms": option, "max-memory-mb": option };
  const { values, positionals } = parseArgs({ args: [...argv], options, allowPositionals: true });
  const number = (name: keyof typeof DEFAULTS) => {
    const value = Number(values[name] ?? DEFAULTS[name]);
    if (!(value >= 1)) throw new ComplaintError(`--${name} must be a number of at least 1`);
    return value;
  };
  return {
    signals: Math.round(number("signals")),
    rounds: Math.round(number("rounds")),
    maxLatencyMs: number("max-latency-ms"),
    maxMemoryBytes: number("max-memory-mb") * 1e6,
    artifact: positionals[0] ?? "",
  };
}
