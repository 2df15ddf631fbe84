/** Reads the clocks of this machine. */
import { readFileSync } from "node:fs";
import type { MachineTime } from "./deadline.ts";

const NANOSECONDS_PER_MS = 1_000_000;

let bootId: string | undefined;

export function machineTime(): MachineTime {
  bootId ??= readBootId();
  return {
    boot_id: bootId,
    monotonicMs: Number(process.hrtime.bigint()) / NANOSECONDS_PER_MS,
    wallMs: Date.now(),
  };
}

/** Where the boot has no name, each process is a boot of its own. */
function readBootId(): string {
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    return `process ${process.pid} ${Date.now()}`;
  }
}
