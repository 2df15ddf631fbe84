/**
 * Limits of the bus that an experiment found better on this machine: a layer between `limits` of mesh.yaml and the defaults.
 * A bad file never keeps a daemon down: it is ignored as a whole, and the problem is handed on, to be told loudly.
 */
import { readFileSync, statSync } from "node:fs";
import { isAbsolute, join } from "node:path";
import { didYouMean } from "./did-you-mean.ts";

export type TunedLimits =
  /** There is no such file, or nobody wants it. */
  | { readonly kind: "none" }
  | { readonly kind: "tuned"; readonly path: string; readonly values: Readonly<Record<string, number>> }
  | { readonly kind: "ignored"; readonly path: string; readonly problem: string };

/** Value of the setting that means no file. */
export const NO_TUNED_LIMITS = "none";
/** A few numbers; more is no such file. */
const MAX_FILE_BYTES = 64 * 1024;
/**
 * What may be tuned, and how far. Limits of bytes that two daemons must agree on (commit, fetch, signal) may not: one that has
 * restarted would send what one that has not cannot take. Nor may those that keep disk and promises safe.
 */
const TUNABLE: Readonly<Record<string, { readonly min: number; readonly max: number }>> = {
  max_commit_signals: { min: 64, max: 8_192 },
  max_frame_signals: { min: 16, max: 2_048 },
  max_inbox_signals: { min: 512, max: 65_536 },
  max_inbox_bytes: { min: 1024 ** 2, max: 32 * 1024 ** 2 },
  max_fetch_signals: { min: 256, max: 16_384 },
  max_scan_bytes: { min: 1024 ** 2, max: 64 * 1024 ** 2 },
  publish_high_water_mark: { min: 16, max: 2_048 },
  max_publish_queue: { min: 256, max: 16_384 },
};

/** Reads the file of the setting `tuned_limits`, a path relative to the home. Never throws. */
export function readTunedLimits(home: string, setting: string): TunedLimits {
  if (setting === NO_TUNED_LIMITS) return { kind: "none" };
  const path = isAbsolute(setting) ? setting : join(home, setting);
  try {
    const found = statSync(path, { throwIfNoEntry: false });
    if (!found) return { kind: "none" };
    if (!found.isFile() || found.size > MAX_FILE_BYTES)
      return { kind: "ignored", path, problem: `is no file of at most ${MAX_FILE_BYTES} bytes` };
    return parseTunedLimits(readFileSync(path, "utf8"), path);
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === "ENOTDIR") return { kind: "none" };
    return { kind: "ignored", path, problem: `cannot be read (${String(cause)})` };
  }
}

function parseTunedLimits(text: string, path: string): TunedLimits {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    return { kind: "ignored", path, problem: `is no JSON (${String(cause)})` };
  }
  if (typeof content !== "object" || content === null || Array.isArray(content))
    return { kind: "ignored", path, problem: "must be one JSON object of limits" };
  const problems = Object.entries(content).flatMap(([name, value]) => problemOf(name, value) ?? []);
  if (problems.length > 0) return { kind: "ignored", path, problem: problems.join("; ") };
  return { kind: "tuned", path, values: content as Record<string, number> };
}

function problemOf(name: string, value: unknown): string | null {
  const bounds = Object.hasOwn(TUNABLE, name) ? TUNABLE[name] : undefined;
  if (!bounds) {
    const meant = didYouMean(name, Object.keys(TUNABLE));
    return `${name} is no limit that can be tuned${meant === undefined ? "" : ` (did you mean ${meant}?)`}`;
  }
  const { min, max } = bounds;
  const fits = Number.isInteger(value) && (value as number) >= min && (value as number) <= max;
  return fits ? null : `${name} must be a whole number from ${min} to ${max} (got ${JSON.stringify(value)})`;
}
