/** Runs with the options that every test would repeat, and looks at what is left of them. */
import { readdirSync, readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { onTestFinished } from "vitest";
import { type BoundedOutcome, type BoundedRun, runBounded } from "../src/index.ts";

let labels = 0;

export function newLabel(): string {
  return `bounded-test:${process.pid}:${++labels}:`;
}

/** A shell program. */
export function sh(script: string): string[] {
  return ["/bin/sh", "-c", script];
}

/** A program of this Node. */
export function js(script: string): string[] {
  return [process.execPath, "-e", script];
}

export async function run(
  command: readonly string[],
  options: Partial<BoundedRun> = {},
): Promise<BoundedOutcome & { readonly label: string; readonly wholeMs: number }> {
  const label = options.label ?? newLabel();
  const startedMs = performance.now();
  const outcome = await runBounded({ command, cwd: tmpdir(), timeoutMs: 20_000, ...options, label });
  return { ...outcome, label, wholeMs: performance.now() - startedMs };
}

/** Process ids of the living whose environment or arguments hold `word`. */
export function livingWith(word: string): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => Number.isInteger(pid) && pid !== process.pid)
    .filter((pid) => {
      try {
        const stat = readFileSync(`/proc/${pid}/stat`, "utf8");
        if (stat.slice(stat.lastIndexOf(")") + 2).startsWith("Z")) return false;
        return ["environ", "cmdline"].some((name) =>
          readFileSync(`/proc/${pid}/${name}`, "utf8").includes(word),
        );
      } catch {
        return false;
      }
    });
}

export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "kloros-bounded-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

export async function until(what: string, condition: () => boolean | Promise<boolean>): Promise<void> {
  const giveUpAt = performance.now() + 20_000;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error(`not in 20 s: ${what}`);
    await sleep(10);
  }
}
