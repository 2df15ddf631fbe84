/** The daemon as it is installed, in a process of its own; it can be killed with -9 as often as one likes. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { askDaemon } from "@kloros/client";
import { onTestFinished } from "vitest";
import { eventually } from "./eventually.ts";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));

export interface Running {
  readonly child: ChildProcess;
  /** Ends it at once, and waits until it is gone. */
  readonly kill: () => Promise<void>;
  /** SIGTERM, as soon as it is ready: before, nobody hears it. The exit code. */
  readonly stop: () => Promise<number | null>;
}

export function startProcess(home: string): Running {
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
      const socket = join(home, "run", "dream_consumer_daemon.sock");
      const health = async () => askDaemon<{ state: string }>(socket, "system:health").catch(() => null);
      await eventually("the daemon is ready", async () => (await health())?.state === "ready");
      child.kill("SIGTERM");
      return (await exited)[0];
    },
  };
}
