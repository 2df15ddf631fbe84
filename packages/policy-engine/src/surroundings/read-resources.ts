/** Free disk of the home, free memory, load: what gates and rules see of the machine. */
import { statfsSync } from "node:fs";
import { cpus, freemem, loadavg, totalmem } from "node:os";
import type { Resources } from "../gates/gate.ts";

const CPUS = Math.max(1, cpus().length);

export function readResources(home: string): Resources {
  const { bavail, blocks, bsize } = statfsSync(home);
  const disk_free_bytes = bavail * bsize;
  const disk_total_bytes = blocks * bsize;
  return {
    disk_free_bytes,
    disk_total_bytes,
    disk_free_percent:
      disk_total_bytes === 0 ? 0 : Math.round((1_000 * disk_free_bytes) / disk_total_bytes) / 10,
    memory_free_bytes: freemem(),
    memory_total_bytes: totalmem(),
    load1: loadavg()[0] ?? 0,
    cpus: CPUS,
  };
}
