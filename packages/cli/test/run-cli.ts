/** The commands as real processes, from their sources. */
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { until } from "./until.ts";

export interface Finished {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface RunningCli {
  readonly process: ChildProcess;
  stdout(): string;
  stderr(): string;
  readonly finished: Promise<Finished>;
  /** Waits until standard output matches. */
  sees(pattern: RegExp, deadlineMs?: number): Promise<RegExpExecArray>;
}

const COMMANDS = {
  kloros: fileURLToPath(new URL("../src/kloros.ts", import.meta.url)),
  "chem-bus": fileURLToPath(new URL("../src/chem-bus.ts", import.meta.url)),
};

export function startCli(
  command: keyof typeof COMMANDS,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): RunningCli {
  const child = spawn(
    process.execPath,
    ["--conditions=source", "--import", "tsx", COMMANDS[command], ...args],
    { stdio: ["ignore", "pipe", "pipe"], env: { ...process.env, ...env } },
  );
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (stderr += chunk.toString()));
  const finished = new Promise<Finished>((resolve) => {
    child.on("close", (code, signal) => {
      resolve({ code, signal, stdout, stderr });
    });
  });
  return {
    process: child,
    stdout: () => stdout,
    stderr: () => stderr,
    finished,
    sees: (pattern, deadlineMs) =>
      until(
        `${command} ${args.join(" ")} prints ${String(pattern)}, printed:\n${stdout}${stderr}`,
        () => pattern.exec(stdout),
        deadlineMs,
      ),
  };
}

export function runCli(
  command: keyof typeof COMMANDS,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Finished> {
  return startCli(command, args, env).finished;
}

/** A folder that is removed by the returned function. */
export function temporaryFolder(): { path: string; remove: () => void } {
  const path = mkdtempSync(join(tmpdir(), "kloros-cli-"));
  return {
    path,
    remove: () => {
      rmSync(path, { recursive: true, force: true, maxRetries: 5 });
    },
  };
}
