/** A home with the monitor as a process of its own, between real nodes that ask and answer. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { ensureHome, type Envelope, loadContracts, type Node, openNode, type SignalName } from "@kloros/bus";
import { askDaemon } from "@kloros/client";
import { onTestFinished } from "vitest";
import type { WaitRow } from "../../src/watchdog/waiting-list.ts";

const MAIN = fileURLToPath(new URL("../../dist/main.js", import.meta.url));
const DEADLINE_MS = 40_000;

export async function until<T>(
  what: string,
  condition: () => T | Promise<T>,
): Promise<NonNullable<Exclude<T, false>>> {
  const giveUpAt = performance.now() + DEADLINE_MS;
  for (;;) {
    const value = await condition();
    if (value) return value as NonNullable<Exclude<T, false>>;
    if (performance.now() > giveUpAt) throw new Error(`not in ${DEADLINE_MS} ms: ${what}`);
    await sleep(20);
  }
}

/** Resolves after a span in which something should not have happened. */
export async function quietFor(ms: number): Promise<void> {
  const over = performance.now() + ms;
  await until("the span is over", () => performance.now() > over);
}

export interface WatchedMesh {
  readonly home: string;
  /** Everything that the policy engine has heard, of the names given to `watchedMesh`. */
  readonly heard: Envelope[];
  node(daemon: string): Promise<Node>;
  monitor(...flags: string[]): ChildProcess;
  ready(): Promise<void>;
  waits(data?: object): Promise<WaitRow[]>;
  health(): Promise<Record<string, unknown>>;
}

export async function watchedMesh(
  names: readonly SignalName[],
  contractDirs: readonly string[] = [],
): Promise<WatchedMesh> {
  const folder = await mkdtemp(join(tmpdir(), "kloros-watch-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const home = join(folder, "home");
  await mkdir(home, { mode: 0o700 });
  await ensureHome(home);
  const contracts = loadContracts({ extraDirs: contractDirs });
  const heard: Envelope[] = [];
  const socket = join(home, "run", "orchestrator_monitor.sock");
  const ask = <T>(event: string, data: object = {}) => askDaemon<T>(socket, event, data);
  const open = async (daemon: string): Promise<Node> => {
    const node = await openNode({ daemon, home, contracts });
    onTestFinished(() => node.close());
    if (daemon === "kloros_policy_engine")
      for (const name of names) node.on(name, (signal) => void heard.push(signal));
    await node.start();
    return node;
  };
  return {
    home,
    heard,
    node: open,
    monitor(...flags) {
      const args = [MAIN, "--home", home, "--workspace", folder];
      const dirs = contractDirs.length === 0 ? [] : ["--contract-dirs", contractDirs.join(",")];
      const stdio = ["ignore", "ignore", "pipe"] as const;
      const child = spawn(process.execPath, [...args, ...dirs, ...flags], { stdio: [...stdio] });
      onTestFinished(async () => {
        if (child.exitCode !== null || child.signalCode !== null) return;
        child.kill("SIGKILL");
        await once(child, "exit");
      });
      return child;
    },
    ready: async () => {
      await until("the monitor is ready", async () => {
        const health = await ask<{ state: string }>("system:health").catch(() => null);
        return health?.state === "ready";
      });
    },
    waits: (data) => ask<WaitRow[]>("watchdog:list", data),
    health: async () => {
      const health = await ask<Record<string, unknown>>("system:health");
      return health["watchdog"] as Record<string, unknown>;
    },
  };
}

export async function killed(child: ChildProcess): Promise<void> {
  child.kill("SIGKILL");
  await once(child, "exit");
}

export const question = (id: string) => ({
  question: `What is ${id}?`,
  question_id: id,
  priority: "normal" as const,
  evidence: [],
});

export const finding = (id: string) => ({
  question_id: id,
  hypothesis: "UNDISCOVERED_MODULE_x",
  investigation_timestamp: "20260101_000000",
  confidence: 0.5,
  evidence_count: 0,
});
