/** What the figures were measured on. */
import { readFileSync } from "node:fs";
import { cpus, loadavg, release, totalmem } from "node:os";
import { quantile } from "../statistics.ts";
import { SyncProbe } from "./sync-probe.ts";

export interface Machine {
  readonly cpu: string;
  readonly cores: number;
  readonly memory_gib: number;
  readonly node: string;
  readonly kernel: string;
  /** Type and device of the file system that the journals lie on. */
  readonly filesystem: string;
  readonly fdatasync_p50_ms: number;
  readonly fdatasync_p99_ms: number;
  readonly load_average: number;
}

const PROBES = 500;
/** About what one signal adds to a journal. */
const PROBE_BYTES = 700;

/** Describes this machine and the disk under `folder`. */
export function describeMachine(folder: string): Machine {
  const probe = new SyncProbe(folder, PROBE_BYTES);
  const took = Array.from({ length: PROBES }, () => probe.measureMs());
  probe.close();
  return {
    cpu: cpus()[0]?.model ?? "unknown",
    cores: cpus().length,
    memory_gib: Math.round(totalmem() / 2 ** 30),
    node: process.versions.node,
    kernel: release(),
    filesystem: filesystemOf(folder),
    fdatasync_p50_ms: round(quantile(took, 0.5)),
    fdatasync_p99_ms: round(quantile(took, 0.99)),
    load_average: round(loadavg()[0] ?? NaN),
  };
}

/** The mount with the longest path that leads to the folder. */
export function filesystemOf(folder: string): string {
  const mounts = readFileSync("/proc/self/mounts", "utf8")
    .split("\n")
    .map((line) => line.split(" "));
  const holding = mounts.filter(
    ([, point = "-"]) => point === "/" || folder === point || folder.startsWith(`${point}/`),
  );
  const [device, , type] = holding.sort((a, b) => (b[1] ?? "").length - (a[1] ?? "").length)[0] ?? [];
  return `${type ?? "unknown"} on ${device ?? "unknown"}`;
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000;
}
