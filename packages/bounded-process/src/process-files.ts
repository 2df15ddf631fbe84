/** Reads /proc: the processes there are, how they hang together, what they use. Synchronous: a read takes microseconds. */
import { readdirSync, readFileSync } from "node:fs";
import { MARK_VARIABLE } from "./environment.ts";

export interface ProcessStat {
  /** Dead, and only waiting for its parent to ask how it ended. */
  readonly isZombie: boolean;
  readonly parent: number;
  readonly group: number;
  readonly session: number;
  /** Its own and its waited-for children's, in seconds. */
  readonly cpuSeconds: number;
  readonly residentBytes: number;
  /** Ticks since the machine's start: tells a process from a later one with the same id. */
  readonly startedAt: string;
}

/** `none`: it has an environment without a mark, or one that is not ours to read. `unclear`: no environment just now. */
export type FoundMark =
  { readonly kind: "mark"; readonly mark: string } | { readonly kind: "none" | "unclear" };

/** Linux tells user space in hundredths of a second, on every machine. */
const TICKS_PER_SECOND = 100;
const MARK_START = `${MARK_VARIABLE}=`;

/** Ids of all processes; none where there is no /proc. */
export function listProcesses(): number[] {
  try {
    return readdirSync("/proc").map(Number).filter(Number.isInteger);
  } catch {
    return [];
  }
}

/** Null: it is gone. */
export function readProcess(pid: number | "self"): ProcessStat | null {
  const text = readFile(pid, "stat");
  if (text === undefined) return null;
  // The name in parentheses may hold spaces and parentheses itself.
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const number = (index: number) => Number(fields[index]);
  return {
    isZombie: fields[0] === "Z" || fields[0] === "X",
    parent: number(1),
    group: number(2),
    session: number(3),
    cpuSeconds: (number(11) + number(12) + number(13) + number(14)) / TICKS_PER_SECOND,
    residentBytes: number(21) * pageBytes(),
    startedAt: fields[19] ?? "",
  };
}

/** The process id that was given last; ids are given in rising order and begin anew at the top. Undefined: not told. */
export function lastProcessId(): number | undefined {
  const last = Number(readText("/proc/loadavg")?.trim().split(" ").at(-1));
  return Number.isInteger(last) ? last : undefined;
}

/** CPU time of all children that this process has waited for, in seconds. */
export function waitedForCpuSeconds(): number {
  const fields =
    readFile("self", "stat")
      ?.replace(/^.*\) /s, "")
      .split(" ") ?? [];
  return (Number(fields[13] ?? 0) + Number(fields[14] ?? 0)) / TICKS_PER_SECOND;
}

/** The mark of a process. */
export function readMark(pid: number): FoundMark {
  const text = readFile(pid, "environ");
  if (text === undefined) return { kind: "none" };
  if (text === "") return { kind: "unclear" };
  const at = text.startsWith(MARK_START) ? 0 : text.indexOf(`\0${MARK_START}`) + 1;
  if (at === 0 && !text.startsWith(MARK_START)) return { kind: "none" };
  const end = text.indexOf("\0", at);
  return { kind: "mark", mark: text.slice(at + MARK_START.length, end < 0 ? undefined : end) };
}

function readFile(pid: number | "self", name: string): string | undefined {
  return readText(`/proc/${pid}/${name}`);
}

function readText(path: string): string | undefined {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return undefined; // Gone, or another user's.
  }
}

let pageSize: number | undefined;

/** Node does not tell: bytes of this process divided by its pages, to the next power of two. */
function pageBytes(): number {
  if (pageSize === undefined) {
    const pages = Number(readFile("self", "statm")?.split(" ")[1]);
    pageSize = 2 ** Math.round(Math.log2(process.memoryUsage.rss() / pages));
    if (!Number.isFinite(pageSize)) pageSize = 4_096;
  }
  return pageSize;
}
