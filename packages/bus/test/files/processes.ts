/** Real child processes and small disks for the tests of the files layer. */
import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

export const IS_ROOT = process.getuid?.() === 0;

export function tempFolder(): string {
  return mkdtempSync(join(tmpdir(), "kloros-files-"));
}

export interface Child {
  readonly process: ChildProcess;
  /** The next line of its stdout. */
  line(): Promise<string>;
  /** All lines until it ends. */
  rest(): Promise<string[]>;
  kill(): Promise<void>;
}

/** Runs `children/<name>.mjs`; killed at the end of the test at the latest. */
export function startChild(name: string, ...args: string[]): Child {
  const script = fileURLToPath(new URL(`./children/${name}.mjs`, import.meta.url));
  const child = spawn(process.execPath, [script, ...args], {
    stdio: ["pipe", "pipe", "inherit"],
  });
  const ended = once(child, "exit");
  const kill = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill("SIGKILL");
    await ended;
  };
  onTestFinished(kill);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    process: child,
    line: async () => String((await lines.next()).value),
    rest: async () => {
      const all: string[] = [];
      for await (const line of lines) all.push(line);
      return all;
    },
    kill,
  };
}

/** A tmpfs of `bytes`, unmounted at the end of the test. Only root may. */
export function smallDisk(bytes: number): { path: string; makeReadOnly(): void } {
  const path = join(tempFolder(), "disk");
  mkdirSync(path);
  execFileSync("mount", ["-t", "tmpfs", "-o", `size=${bytes}`, "kloros-test", path]);
  onTestFinished(() => void execFileSync("umount", ["-l", path]));
  return { path, makeReadOnly: () => void execFileSync("mount", ["-o", "remount,ro", path]) };
}
