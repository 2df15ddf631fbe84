/** What the machine has left: disk and inodes of the home, memory. */
import { statfs } from "node:fs/promises";
import { freemem, totalmem, uptime } from "node:os";
import type { Clocks } from "./clock-jumps.ts";
import type { Reading } from "./daemon-track.ts";

/** What of `statfs` is used. */
export interface DiskState {
  readonly blocks: number;
  readonly bfree: number;
  readonly bavail: number;
  readonly files: number;
  readonly ffree: number;
}

/** The machine as the checks see it; tests put another in its place. */
export interface Machine {
  disk(path: string): Promise<DiskState>;
  memory(): { readonly totalBytes: number; readonly availableBytes: number };
  clocks(): Clocks;
  /** Milliseconds that only go forward. */
  elapsedMs(): number;
}

export const THIS_MACHINE: Machine = {
  disk: (path) => statfs(path),
  memory: () => ({ totalBytes: totalmem(), availableBytes: freemem() }),
  clocks: () => ({ wallMs: Date.now(), bootMs: uptime() * 1_000 }),
  elapsedMs: () => performance.now(),
};

/** Readings of disk and memory; a disk that does not answer gives none. */
export async function measureMachine(machine: Machine, home: string): Promise<readonly Reading[]> {
  const [disk, memory] = [await machine.disk(home), machine.memory()];
  return [...diskReadings(disk, home), ...memoryReadings(memory)];
}

/** In percent, as `df` counts: what only root may still use is in use. */
function diskReadings({ blocks, bfree, bavail, files, ffree }: DiskState, home: string): Reading[] {
  const used = blocks - bfree;
  const readings: Reading[] = [];
  if (used + bavail > 0)
    readings.push({ check: "disk_space", subject: home, value: (100 * used) / (used + bavail), exact: true });
  // Some file systems have no limit of inodes and say 0.
  if (files > 0)
    readings.push({
      check: "disk_inodes",
      subject: home,
      value: (100 * (files - ffree)) / files,
      exact: true,
    });
  return readings;
}

function memoryReadings({ totalBytes, availableBytes }: ReturnType<Machine["memory"]>): Reading[] {
  if (totalBytes <= 0) return [];
  const value = (100 * (totalBytes - availableBytes)) / totalBytes;
  return [{ check: "memory", subject: "machine", value, exact: true }];
}
