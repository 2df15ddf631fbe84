/** Which limits of the bus differ from the defaults, and why. Pure. */
import { limitSettings } from "./common-settings.ts";
import type { Resolved } from "./resolve.ts";
import type { TunedLimits } from "./tuned-limits.ts";

export interface ChangedLimit {
  readonly value: number;
  readonly default: number;
  /** `mesh.yaml`, `environment`, or the path of the file with tuned limits. */
  readonly from: string;
}

export interface LimitOrigins {
  /** By name, in snake_case; only those that differ. */
  readonly changed: Readonly<Record<string, ChangedLimit>>;
  readonly tuned: TunedLimits;
}

const PLACES = { option: "command line", environment: "environment", file: "mesh.yaml" } as const;

/** The limits that hold: set > tuned > default. */
export function layLimits(
  set: Resolved,
  tuned: TunedLimits,
): { readonly values: Readonly<Record<string, number>>; readonly origins: LimitOrigins } {
  const values: Record<string, number> = {};
  const changed: Record<string, ChangedLimit> = {};
  for (const [name, standard] of Object.entries(limitSettings.defaults())) {
    const place = set.sources.get(name);
    const better = place === undefined && tuned.kind === "tuned" ? tuned.values[name] : undefined;
    const value = better ?? Number(set.values[name]);
    values[name] = value;
    if (value === standard) continue;
    const from = tuned.kind === "tuned" && better !== undefined ? tuned.path : PLACES[place ?? "file"];
    changed[name] = { value, default: standard, from };
  }
  return { values, origins: { changed, tuned } };
}
