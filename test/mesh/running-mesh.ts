/** A whole mesh, `kloros up` with every daemon, as a process of its own. Its output goes to a file beside the home. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, readFileSync } from "node:fs";
import { mkdir, readdir, readFile, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { askDaemon } from "@kloros/client";
import { onTestFinished } from "vitest";
import { commandPath } from "./commands.ts";
import { eventually } from "./eventually.ts";

/** All daemons, in the order in which they are stopped. */
export const DAEMONS = [
  "intent_router",
  "kloros_policy_engine",
  "capability_integrator_daemon",
  "winner_deployer_daemon",
  "dream_consumer_daemon",
  "orchestrator_monitor",
  "investigation_consumer_daemon",
  "semantic_dedup_consumer_daemon",
  "tournament_consumer_daemon",
] as const;
export type Daemon = (typeof DAEMONS)[number];

/** Those through which an intent becomes a capability. */
export const DISCOVERY = [
  "intent_router",
  "capability_integrator_daemon",
  "orchestrator_monitor",
  "investigation_consumer_daemon",
] as const satisfies readonly Daemon[];

/** Those through which a promotion becomes a deployed version. */
export const EVOLUTION = [
  "orchestrator_monitor",
  "kloros_policy_engine",
  "dream_consumer_daemon",
  "tournament_consumer_daemon",
  "winner_deployer_daemon",
] as const satisfies readonly Daemon[];

export interface Supervised {
  readonly name: Daemon;
  readonly state: string;
  readonly pid: number | null;
  readonly restarts: number;
  readonly reason: string;
}

export interface MeshOptions {
  /** Need not exist. */
  readonly home: string;
  readonly workspace: string;
  /** Text of mesh.yaml; left out: the home's own. */
  readonly settings?: string;
  /** Left out: all daemons. */
  readonly only?: readonly Daemon[];
}

/** What a start may take on a machine that is busy with other tests, in milliseconds. */
const START_MS = 60_000;
const LAST_LINES = 40;

export class RunningMesh {
  readonly home: string;
  readonly process: ChildProcess;
  readonly exit: Promise<number | null>;
  readonly #outputFile: string;

  constructor(options: MeshOptions) {
    this.home = options.home;
    this.#outputFile = `${options.home}.log`;
    const output = openSync(this.#outputFile, "a");
    const args = ["up", "--home", options.home, "--workspace", options.workspace];
    if (options.only) args.push("--only", options.only.join(","));
    this.process = spawn(process.execPath, [commandPath("kloros"), ...args], {
      stdio: ["ignore", output, output],
    });
    closeSync(output);
    this.exit = once(this.process, "exit").then(([code]) => code as number | null);
    onTestFinished(async () => {
      this.process.kill("SIGKILL");
      await this.exit;
    });
  }

  output(): string {
    return readFileSync(this.#outputFile, "utf8");
  }

  lastLines(): string {
    return this.output().trimEnd().split("\n").slice(-LAST_LINES).join("\n");
  }

  /** What the supervisor says of its children; empty while it cannot be asked. */
  async daemons(): Promise<readonly Supervised[]> {
    try {
      const socket = join(this.home, "run", "kloros-up.sock");
      return (await askDaemon<{ daemons: Supervised[] }>(socket, "supervisor:status")).daemons;
    } catch {
      return []; // Not up yet, or gone; who waits for it has a deadline.
    }
  }

  async pidOf(name: Daemon): Promise<number | null> {
    return (await this.daemons()).find((daemon) => daemon.name === name)?.pid ?? null;
  }

  /** Waits until every daemon is ready. */
  async ready(): Promise<void> {
    await eventually(
      () => `every daemon is ready; the mesh said:\n${this.lastLines()}`,
      async () => {
        const daemons = await this.daemons();
        return daemons.length > 0 && daemons.every(({ state }) => state === "ready");
      },
      START_MS,
    );
  }

  /** `system:health` of one daemon. */
  async health(name: Daemon): Promise<Record<string, unknown>> {
    return askDaemon(join(this.home, "run", `${name}.sock`), "system:health");
  }

  /** Ctrl-C; resolves with the exit code. */
  async stop(): Promise<number | null> {
    this.process.kill("SIGINT");
    return this.exit;
  }
}

/** Starts a mesh and waits until it is ready; it is gone when the test ends. */
export async function startMesh(options: MeshOptions): Promise<RunningMesh> {
  if (options.settings !== undefined) {
    await mkdir(options.home, { recursive: true, mode: 0o700 });
    await writeFile(join(options.home, "mesh.yaml"), options.settings);
  }
  await mkdir(dirname(options.home), { recursive: true });
  const mesh = new RunningMesh(options);
  await mesh.ready();
  return mesh;
}

/** Every process that was started for this home, whoever started it: daemons and what they have started. Without zombies. */
export async function processesOf(home: string): Promise<number[]> {
  const pids = (await readdir("/proc")).filter((name) => /^\d+$/.test(name)).map(Number);
  const found = await Promise.all(pids.map(async (pid) => belongsTo(pid, home)));
  return pids.filter((_, index) => found[index]);
}

async function belongsTo(pid: number, home: string): Promise<boolean> {
  const read = async (file: string) => readFile(`/proc/${pid}/${file}`, "utf8").catch(() => "");
  const [environment, stat] = await Promise.all([read("environ"), read("stat")]);
  return environment.split("\0").includes(`KLOROS_HOME=${home}`) && !/\) [ZX] /.test(stat);
}
