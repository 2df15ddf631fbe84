/** One real daemon alone, the intent router, with a client on its control socket. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Client, connect } from "@kloros/client";
import { onTestFinished } from "vitest";
import { eventually } from "./eventually.ts";

const PROGRAM = fileURLToPath(new URL("../../packages/intent-router/dist/main.js", import.meta.url));

export interface RunningRouter {
  readonly pid: number;
  readonly socket: string;
  readonly client: Client;
  /** Resolves with the exit code. */
  stop(signal?: NodeJS.Signals): Promise<number | null>;
}

/** Starts it, with a log beside the home, and waits until it is ready; it is gone when the test ends. */
export async function startRouter(home: string): Promise<RunningRouter> {
  const log = openSync(`${home}.log`, "a");
  const child = spawn(process.execPath, [PROGRAM, "--home", home], { stdio: ["pipe", log, log] });
  closeSync(log);
  const gone = once(child, "exit").then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await gone;
  });
  const socket = join(home, "run", "intent_router.sock");
  const client = await eventually("the router answers", () =>
    connect({ socketPath: socket }).catch(() => null),
  );
  onTestFinished(() => client.close());
  await eventually("it is ready", async () => (await client.send("system:health")).state === "ready");
  const stop = async (signal: NodeJS.Signals = "SIGTERM") => {
    child.kill(signal);
    return gone;
  };
  return { pid: child.pid ?? NaN, socket, client, stop };
}
