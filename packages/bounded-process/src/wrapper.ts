/**
 * The words in front of a program that make the kernel guard it: it dies with this process, even by `kill -9`, and no single
 * process of it burns more than its CPU time. Each wrapper replaces itself by what follows, so the process id stays.
 */
import { spawnSync } from "node:child_process";

const DIE_WITH_PARENT = ["setpriv", "--pdeathsig", "KILL", "--"] as const;
const LIMIT = ["prlimit", "--core=0", "--"] as const;
/** Longest probe, in milliseconds. */
const PROBE_MS = 2_000;
/** Between the kernel's SIGXCPU and its SIGKILL, in seconds. */
const HARD_LIMIT_GRACE_S = 1;

const works = new Map<string, boolean>();

/** `setpriv …` and, with a CPU limit, `prlimit …` of util-linux where they work (probed once); else nothing. */
export function wrapperWords(cpuSeconds: number | undefined): string[] {
  const words: string[] = probe(DIE_WITH_PARENT) ? [...DIE_WITH_PARENT] : [];
  if (cpuSeconds !== undefined && probe(LIMIT)) {
    const soft = Math.max(1, Math.ceil(cpuSeconds));
    words.push("prlimit", "--core=0", `--cpu=${soft}:${soft + HARD_LIMIT_GRACE_S}`, "--");
  }
  return words;
}

/** What a wrapper says on standard error when the program behind it cannot be executed; undefined: it says no such thing. */
export function wrapperComplaint(code: number, stderr: string): string | undefined {
  if (code !== 126 && code !== 127) return undefined;
  return /^(?:setpriv|prlimit): (failed to execute .*)$/m.exec(stderr)?.[1];
}

function probe(words: readonly [string, ...string[]]): boolean {
  const [program, ...args] = words;
  let result = works.get(program);
  if (result === undefined) {
    result = spawnSync(program, [...args, "true"], { stdio: "ignore", timeout: PROBE_MS }).status === 0;
    works.set(program, result);
  }
  return result;
}
