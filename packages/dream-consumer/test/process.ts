/** The daemon as it is installed, in a process of its own; it can be killed with -9 as often as one likes. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

export interface Running {
  readonly child: ChildProcess;
  /** Ends it at once, and waits until it is gone. */
  readonly kill: () => Promise<void>;
  /** SIGTERM; the exit code. */
  readonly stop: () => Promise<number | null>;
}

export function startProcess(home: string): Running {
  if (!existsSync(MAIN)) throw new Error("dist/main.js is missing: run npm run build first");
  const args = [MAIN, "--home", home, "--workspace", home];
  const child = spawn(process.execPath, args, { stdio: ["ignore", "ignore", "inherit"] });
  const exited = once(child, "exit") as Promise<[number | null]>;
  onTestFinished(() => void child.kill("SIGKILL"));
  return {
    child,
    kill: async () => {
      child.kill("SIGKILL");
      await exited;
    },
    stop: async () => {
      child.kill("SIGTERM");
      return (await exited)[0];
    },
  };
}
