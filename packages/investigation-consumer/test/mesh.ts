/** The real daemon as a process of its own, between a real emitter and a real consumer in this process. */
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { ensureHome, type Envelope, type Facts, loadContracts, type Node, openNode } from "@kloros/bus";
import { askDaemon } from "@kloros/client";
import { onTestFinished, vi } from "vitest";
import type { InvestigationRecord } from "../src/record.ts";

const MAIN = fileURLToPath(new URL("../dist/main.js", import.meta.url));
const PATIENCE = { timeout: 50_000, interval: 10 };

export interface Mesh {
  readonly home: string;
  readonly completions: Envelope<"Q_INVESTIGATION_COMPLETE">[];
  ask(facts: Partial<Facts<"Q_CURIOSITY_INVESTIGATE">>): Promise<string>;
  /** Waits until so many completions have arrived. */
  completed(count: number): Promise<void>;
  records(): Promise<InvestigationRecord[]>;
}

export async function startMesh(): Promise<Mesh> {
  if (!existsSync(MAIN)) throw new Error("dist/main.js is missing: run npm run build first");
  const home = await mkdtemp(join(tmpdir(), "kic-"));
  await ensureHome(home);
  const router = await openNode({ daemon: "intent_router", home, contracts: loadContracts() });
  const integrator = await openNode({
    daemon: "capability_integrator_daemon",
    home,
    contracts: loadContracts(),
  });
  onTestFinished(async () => {
    await Promise.all([close(router), close(integrator)]);
    await rm(home, { recursive: true, force: true });
  });
  const completions: Envelope<"Q_INVESTIGATION_COMPLETE">[] = [];
  integrator.on("Q_INVESTIGATION_COMPLETE", (signal) => void completions.push(signal));
  await Promise.all([router.start(), integrator.start()]);
  return {
    home,
    completions,
    ask: async (facts) => {
      const whole = {
        question: "What is it?",
        question_id: "curiosity_x",
        priority: "normal" as const,
        evidence: [],
        ...facts,
      };
      return (await router.emit("Q_CURIOSITY_INVESTIGATE", whole)).id;
    },
    completed: async (count) =>
      vi.waitUntil(() => completions.length >= count, PATIENCE).then(() => undefined),
    records: async () => recordsIn(join(home, "curiosity_investigations.jsonl")),
  };
}

export interface Consumer {
  readonly child: ChildProcess;
  readonly exit: Promise<number | null>;
  output(): string;
  ready(): Promise<void>;
  health(): Promise<Record<string, unknown>>;
}

export function startConsumer(home: string, workspace: string, settings: readonly string[] = []): Consumer {
  const child = spawn(process.execPath, [MAIN, "--home", home, "--workspace", workspace, ...settings], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { PATH: process.env["PATH"] },
  });
  let output = "";
  child.stdout.on("data", (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on("data", (chunk: Buffer) => (output += chunk.toString()));
  const exit = once(child, "exit").then(([code]) => code as number | null);
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exit;
  });
  const socket = join(home, "run/investigation_consumer_daemon.sock");
  return {
    child,
    exit,
    output: () => output,
    ready: async () => vi.waitUntil(() => output.includes('"Ready"'), PATIENCE).then(() => undefined),
    health: async () => askDaemon<Record<string, unknown>>(socket, "system:health", {}),
  };
}

async function recordsIn(path: string): Promise<InvestigationRecord[]> {
  const text = await readFile(path, "utf8");
  return text
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as InvestigationRecord);
}

async function close(node: Node): Promise<void> {
  await node.drain(1_000);
  await node.close();
}
