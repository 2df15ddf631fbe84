/** A home with the engine on a real node, and its neighbours played by scripted nodes. Gone after the test. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { type Envelope, ensureHome, loadContracts, type Node, openNode, type SignalName } from "@kloros/bus";
import type { DaemonParts, Logger } from "@kloros/daemon";
import { askParts } from "@kloros/daemon/testing";
import { onTestFinished } from "vitest";
import { type Config, settings } from "../src/config.ts";
import type { Decision, Repetition } from "../src/decisions/decision.ts";
import { policyEngine } from "../src/policy-engine.ts";

export const contracts = loadContracts();

export async function tempHome(): Promise<string> {
  const home = await mkdtemp(join(tmpdir(), "kloros-policy-"));
  await ensureHome(home);
  onTestFinished(() => rm(home, { recursive: true, force: true, maxRetries: 5 }));
  return home;
}

export async function until(
  what: string,
  condition: () => boolean | Promise<boolean>,
  deadlineMs = 20_000,
): Promise<void> {
  const giveUpAt = performance.now() + deadlineMs;
  while (!(await condition())) {
    if (performance.now() > giveUpAt) throw new Error(`not in ${deadlineMs} ms: ${what}`);
    await sleep(5);
  }
}

const noop = (): void => undefined;
const silent = { debug: noop, info: noop, warn: noop, error: noop, fatal: noop, level: "silent" };

export interface RunningEngine {
  readonly node: Node;
  readonly parts: DaemonParts;
  stop(): Promise<void>;
}

export async function startEngine(home: string, changes: Partial<Config> = {}): Promise<RunningEngine> {
  const node = await openNode({ daemon: "kloros_policy_engine", home, contracts });
  const parts = policyEngine({
    node,
    config: { ...settings.defaults(), reload_debounce: 20, reevaluate_interval: 100, ...changes },
    home,
    workspace: home,
    log: silent as unknown as Logger,
    stopping: new AbortController().signal,
  });
  await node.start();
  await parts.start?.();
  let stopped = false;
  const stop = async (): Promise<void> => {
    if (stopped) return;
    stopped = true;
    await parts.stop?.();
    await node.drain(2_000);
    await node.close();
  };
  onTestFinished(stop);
  return { node, parts, stop };
}

export interface Neighbour {
  readonly node: Node;
  /** What it has heard. */
  readonly heard: Envelope[];
  named(signal: string): Envelope[];
}

/** A daemon of the mesh that hears some signals, and answers them where a script says how. */
export async function neighbour(
  home: string,
  daemon: string,
  hears: Readonly<Partial<Record<SignalName, (signal: Envelope, node: Node) => void>>>,
): Promise<Neighbour> {
  const node = await openNode({ daemon, home, contracts });
  const heard: Envelope[] = [];
  for (const [name, script] of Object.entries(hears)) {
    node.on(name as SignalName, (signal) => {
      heard.push(signal);
      script?.(signal, node);
    });
  }
  await node.start();
  onTestFinished(async () => node.close());
  return { node, heard, named: (signal) => heard.filter((one) => one.signal === signal) };
}

export const listens = (): void => undefined;

export async function writePolicies(home: string, text: string): Promise<void> {
  await writeFile(join(home, "policies.yaml"), text);
}

/** Of a repetition only some members are there; tests know which. */
type Line = Omit<Decision, "schema"> & Omit<Repetition, "schema">;

/** Lines of the decision log, after all that waits has been written. */
export async function decisionsOf(home: string, engine?: RunningEngine): Promise<Line[]> {
  if (engine) await askParts(engine.parts, "policy:flush");
  const text = await readFile(join(home, "policy_decisions.jsonl"), "utf8").catch(() => "");
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as Line);
}

/** What the monitor says of a folder with these promotions, by topic. */
export function promotionsDetected(topics: Readonly<Record<string, readonly string[]>>, isReminder = false) {
  const names = Object.values(topics).flat();
  return {
    promotion_count: names.length,
    unacknowledged_count: names.length,
    oldest_promotion_age_hours: names.length === 0 ? null : 1,
    last_dream_time: null,
    promotions_path: "/promotions",
    promotions: names,
    groups: Object.entries(topics).map(([topic, files]) => ({
      topic: topic === "" ? null : topic,
      promotions: [...files],
      keys: files.map((file) => `sha256:${file}`),
    })),
    refused_count: 0,
    is_reminder: isReminder,
  };
}
