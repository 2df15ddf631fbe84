/** A real daemon as a supervisor starts it: readiness comes through a pipe, the end of its stdin is its stop. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Readable } from "node:stream";
import { fileURLToPath } from "node:url";
import { ROOT } from "./checkout.ts";

export const DAEMONS = {
  intent_router: "intent-router",
  kloros_policy_engine: "policy-engine",
  capability_integrator_daemon: "capability-integrator",
  winner_deployer_daemon: "winner-deployer",
  dream_consumer_daemon: "dream-consumer",
  orchestrator_monitor: "orchestrator-monitor",
  investigation_consumer_daemon: "investigation-consumer",
  semantic_dedup_consumer_daemon: "semantic-dedup-consumer",
  tournament_consumer_daemon: "tournament-consumer",
} as const;
export type DaemonName = keyof typeof DAEMONS;

/** Longest wait for READY=1, in milliseconds; a figure that late is a failure of the bench, not a result. */
const READY_DEADLINE_MS = 60_000;
const NOTIFY_FD = 3;

export class RunningDaemon {
  readonly pid: number;
  /** From the start of the process to its READY=1, in milliseconds. */
  readonly readyMs: Promise<number>;
  readonly #child: ChildProcess;

  constructor(name: DaemonName, home: string) {
    const logFile = join(home, `${name}.log`);
    const log = openSync(logFile, "a");
    const program = fileURLToPath(new URL(`packages/${DAEMONS[name]}/dist/main.js`, ROOT));
    const workspace = fileURLToPath(new URL("examples/workspace", ROOT));
    const begun = performance.now();
    this.#child = spawn(process.execPath, [program, "--home", home, "--workspace", workspace], {
      stdio: ["pipe", log, log, "pipe"],
      env: { ...process.env, KLOROS_SUPERVISED: "1", KLOROS_NOTIFY_FD: String(NOTIFY_FD) },
    });
    closeSync(log);
    this.pid = this.#child.pid ?? NaN;
    this.readyMs = this.#ready(begun).catch((cause: unknown) => {
      throw new Error(`${name} did not get ready; its log says:\n${readFileSync(logFile, "utf8")}`, {
        cause,
      });
    });
  }

  /** Asks it to stop, by the end of its stdin, and waits until it is gone. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    const gone = once(this.#child, "exit");
    this.#child.stdin?.end();
    await gone;
  }

  #ready(begun: number): Promise<number> {
    return new Promise((resolve, reject) => {
      const late = setTimeout(() => reject(new Error("too late")), READY_DEADLINE_MS);
      (this.#child.stdio[NOTIFY_FD] as Readable).on("data", (chunk: Buffer) => {
        if (!chunk.includes("READY=1")) return;
        clearTimeout(late);
        resolve(performance.now() - begun);
      });
      this.#child.on("exit", (code) => {
        clearTimeout(late);
        reject(new Error(`it ended with ${String(code)}`));
      });
    });
  }
}
