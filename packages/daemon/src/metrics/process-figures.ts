/** What the kernel knows of this process. */
import { readdirSync, readFileSync } from "node:fs";
import type { DaemonMetric } from "./daemon-families.ts";
import type { Sample } from "./family.ts";

const US_PER_S = 1e6;

/** Fixed for the life of the process. */
const STARTED_S = Math.round(performance.timeOrigin) / 1_000;

export function processSamples(): Partial<Record<DaemonMetric, Sample[]>> {
  const { user, system } = process.cpuUsage();
  const { rss, heapUsed } = process.memoryUsage();
  return {
    cpu: one((user + system) / US_PER_S),
    residentMemory: one(rss),
    heapUsed: one(heapUsed),
    openFds: some(openFds()),
    maxFds: some(maxFds()),
    startTime: one(STARTED_S),
  };
}

/** The one sample of a family without labels of its own. */
export function one(value: number): Sample[] {
  return [{ labels: {}, value }];
}

function some(value: number | null): Sample[] {
  return value === null ? [] : one(value);
}

/** Without /proc, or when a unit hides it, this is not known. */
function openFds(): number | null {
  try {
    return readdirSync("/proc/self/fd").length;
  } catch {
    return null;
  }
}

function maxFds(): number | null {
  try {
    const soft = /^Max open files\s+(\d+)/mu.exec(readFileSync("/proc/self/limits", "utf8"))?.[1];
    return soft === undefined ? null : Number(soft);
  } catch {
    return null;
  }
}
