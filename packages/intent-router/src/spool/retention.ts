/**
 * Keeps `intents/rejected/` and `intents/duplicate/` bounded: what is too old goes, and of too many the oldest.
 * A report goes with its file. Age counts from when the file came here (the move changes its ctime).
 */
import { lstat, opendir, rm } from "node:fs/promises";
import { errnoOf } from "../errno.ts";
import { pathOf, type RawName } from "./raw-name.ts";

export interface RetentionLimits {
  readonly maxFiles: number;
  /** In milliseconds. */
  readonly maxAgeMs: number;
}

const REPORT = ".report.json";

/** Removes what is beyond the limits and says how many files that were. @throws system errors */
export async function sweepFolder(folder: string, limits: RetentionLimits, nowMs: number): Promise<number> {
  const arrivals = await arrivalTimes(folder);
  const oldestFirst = [...arrivals].sort(([, a], [, b]) => a - b);
  let left = oldestFirst.filter(([name]) => !isReportOf(name, arrivals)).length;
  let removed = 0;
  for (const [name, arrivedMs] of oldestFirst) {
    if (isReportOf(name, arrivals)) continue;
    if (left <= limits.maxFiles && nowMs - arrivedMs < limits.maxAgeMs) break;
    left -= 1;
    removed += 1;
    await rm(pathOf(folder, name), { recursive: true, force: true });
    await rm(pathOf(folder, name + REPORT), { force: true });
  }
  return removed;
}

function isReportOf(name: RawName, names: ReadonlyMap<RawName, number>): boolean {
  return name.endsWith(REPORT) && names.has(name.slice(0, -REPORT.length));
}

async function arrivalTimes(folder: string): Promise<Map<RawName, number>> {
  const times = new Map<RawName, number>();
  for await (const { name } of await opendir(folder, { encoding: "latin1" })) {
    try {
      times.set(name, (await lstat(pathOf(folder, name))).ctimeMs);
    } catch (cause) {
      if (errnoOf(cause) !== "ENOENT") throw cause;
    }
  }
  return times;
}
