/** Limits of the bus that a bench is run with (`--limits`), such as a deployed `params.json`: handed to the children by environment. */
import { readFileSync } from "node:fs";
import { type BusLimits, DEFAULT_LIMITS } from "@kloros/bus";

const VARIABLE = "BENCH_LIMITS";

/** Reads the file, `{"max_commit_signals": 4096, …}`, for all children to come. @throws Error not such a file */
export function useLimits(file: string): void {
  const given = JSON.parse(readFileSync(file, "utf8")) as Record<string, unknown>;
  const limits = Object.entries(given).map(([name, value]) => {
    const limit = name.replaceAll(/_([a-z])/g, (_, letter: string) => letter.toUpperCase());
    if (!Object.hasOwn(DEFAULT_LIMITS, limit) || typeof value !== "number")
      throw new Error(`${file}: ${name} is no limit of the bus, or no number`);
    return [limit, value];
  });
  process.env[VARIABLE] = JSON.stringify(Object.fromEntries(limits));
}

/** What the bench was told to use instead of the defaults. */
export function chosenLimits(): Partial<BusLimits> {
  return JSON.parse(process.env[VARIABLE] ?? "{}") as Partial<BusLimits>;
}
