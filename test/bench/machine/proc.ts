/** What the kernel says of a process and of all that it has started. */
import { readdirSync, readFileSync } from "node:fs";

/** CPU time of the process, its threads and its living children, in nanoseconds. */
export function cpuNs(pid: number): number {
  return sum(family(pid).flatMap((member) => tasks(member).map((task) => runNs(member, task))));
}

export interface Memory {
  readonly rss: number;
  /** Shared pages divided among those who share them. */
  readonly pss: number;
}

/** Memory of the process and its living children, in MB (10⁶ bytes). */
export function memoryMb(pid: number): Memory {
  const rollups = family(pid).map((member) => readFileSync(`/proc/${member}/smaps_rollup`, "utf8"));
  return {
    rss: sum(rollups.map((rollup) => field(rollup, "Rss"))),
    pss: sum(rollups.map((rollup) => field(rollup, "Pss"))),
  };
}

/** The most memory that the process ever had resident, in MB. */
export function peakMemoryMb(pid: number): number {
  return field(readFileSync(`/proc/${pid}/status`, "utf8"), "VmHWM");
}

/** What the process has read so far by any read call, in bytes: files whether cached or not, pipes and wake-ups too. */
export function readBytes(pid: number): number {
  return Number(/^rchar: (\d+)$/m.exec(readFileSync(`/proc/${pid}/io`, "utf8"))?.[1]);
}

function family(pid: number): number[] {
  const children = tasks(pid).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, "utf8").split(" ").filter(Boolean).map(Number),
  );
  return [pid, ...children.flatMap(family)];
}

function tasks(pid: number): string[] {
  return readdirSync(`/proc/${pid}/task`);
}

function runNs(pid: number, task: string): number {
  return Number(readFileSync(`/proc/${pid}/task/${task}/schedstat`, "utf8").split(" ")[0]);
}

/** A line such as `Rss:   81920 kB`, in MB. */
function field(text: string, name: string): number {
  const kib = new RegExp(`^${name}:\\s+(\\d+) kB`, "m").exec(text)?.[1];
  return (Number(kib) * 1024) / 1e6;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
