/** The deployer in the test's own process, between real nodes that ask it and hear its answers. */
import type { DaemonParts, Logger } from "@kloros/daemon";
import { askParts } from "@kloros/daemon/testing";
import { type Envelope, type Facts, loadContracts, type Node, openNode } from "@kloros/bus";
import { onTestFinished } from "vitest";
import { type Config, settings, winnerDeployer } from "../src/index.ts";
import { type Lab, until } from "./lab.ts";

const ANSWERS = [
  "Q_WINNER_DEPLOYED",
  "Q_DEPLOYMENT_FAILED",
  "Q_DEPLOYMENT_REVERTED",
  "Q_HEALTH_ALERT",
] as const;
export type Answer = Pick<Envelope, "signal" | "id" | "causation_id"> & {
  readonly facts: Readonly<Record<string, unknown>>;
};

/** The policy engine and the dream consumer, as far as the deployer knows them. */
export interface Surroundings {
  readonly answers: Answer[];
  complete(cycleId: string, facts?: Partial<Facts<"Q_DREAM_COMPLETE">>): Promise<string>;
  request(cycleId: string, facts?: Partial<Facts<"Q_DEPLOYMENT_REQUESTED">>): Promise<string>;
  /** The answer that a signal caused. */
  answerTo(id: string): Promise<Answer>;
}

export interface Deployer {
  readonly parts: DaemonParts;
  control(event: string, data?: unknown): Promise<unknown>;
  stop(): Promise<void>;
}

async function nodeIn(
  home: string,
  daemon: string,
  prepare: (node: Node) => void = () => undefined,
): Promise<Node> {
  const node = await openNode({ daemon, home, contracts: loadContracts() });
  onTestFinished(() => node.close());
  prepare(node);
  await node.start();
  return node;
}

export async function surroundings({ home }: Lab): Promise<Surroundings> {
  const answers: Answer[] = [];
  const policy = await nodeIn(home, "kloros_policy_engine", (node) => {
    for (const name of ANSWERS)
      node.on(name, (signal) => void answers.push({ ...signal, facts: { ...signal.facts } }));
  });
  const dreams = await nodeIn(home, "dream_consumer_daemon");
  return {
    answers,
    complete: async (cycle_id, facts = {}) => {
      const { id } = await dreams.emit("Q_DREAM_COMPLETE", {
        cycle_id,
        mutations_generated: 10,
        tournament_winner: "c00042",
        fitness_improvement: 1,
        duration_seconds: 1,
        ...facts,
      });
      return id;
    },
    request: async (cycle_id, facts = {}) => {
      const { id } = await policy.emit("Q_DEPLOYMENT_REQUESTED", { cycle_id, reason: "test", ...facts });
      return id;
    },
    answerTo: async (id) =>
      until(`an answer to ${id}`, () => answers.find(({ causation_id }) => causation_id === id)),
  };
}

const nothing = () => undefined;
const silent = {
  trace: nothing,
  debug: nothing,
  info: nothing,
  warn: nothing,
  error: nothing,
  fatal: nothing,
};

export async function startDeployer(
  { home, workspace }: Lab,
  changes: Partial<Config> = {},
): Promise<Deployer> {
  const node = await openNode({ daemon: "winner_deployer_daemon", home, contracts: loadContracts() });
  const stopping = new AbortController();
  const parts = winnerDeployer({
    node,
    home,
    workspace,
    config: { ...settings.defaults(), retry_delay: 20, disk_wait: 2_000, lock_deadline: 500, ...changes },
    log: silent as unknown as Logger,
    stopping: stopping.signal,
  });
  await node.start();
  await parts.start?.();
  let isStopped = false;
  const stop = async () => {
    if (isStopped) return;
    isStopped = true;
    stopping.abort();
    await parts.stop?.();
    await node.drain(5_000);
    await node.close();
  };
  onTestFinished(stop);
  return {
    parts,
    control: async (event, data = {}) => askParts(parts, event, data),
    stop,
  };
}
