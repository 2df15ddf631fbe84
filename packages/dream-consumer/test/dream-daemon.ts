/** The daemon's parts in this process, on a real node of a real home. */
import { loadContracts, openNode } from "@kloros/bus";
import type { DaemonParts, Logger } from "@kloros/daemon";
import { askParts } from "@kloros/daemon/testing";
import { onTestFinished } from "vitest";
import { type Config, settings } from "../src/config.ts";
import { dreamConsumer, type Ingredients } from "../src/dream-consumer.ts";
import { plainEngine } from "./plain-engine.ts";

export interface DreamDaemon {
  readonly logged: { readonly data: Record<string, unknown>; readonly message: string }[];
  readonly ask: (event: string, data?: unknown) => unknown;
  readonly stop: () => Promise<void>;
}

export async function dreamDaemon(
  home: string,
  config: Partial<Config> = {},
  ingredients: Partial<Ingredients> = {},
): Promise<DreamDaemon> {
  const logged: { data: Record<string, unknown>; message: string }[] = [];
  const line = (data: Record<string, unknown>, message: string) => void logged.push({ data, message });
  const node = await openNode({ daemon: "dream_consumer_daemon", home, contracts: loadContracts() });
  const stopping = new AbortController();
  const parts: DaemonParts = dreamConsumer(
    {
      node,
      config: { ...settings.defaults(), ...config },
      home,
      workspace: home,
      log: { info: line, warn: line, error: line, debug: line } as unknown as Logger,
      stopping: stopping.signal,
    },
    { engine: plainEngine, ...ingredients },
  );
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
    logged,
    stop,
    ask: (event, data) => {
      try {
        return askParts(parts, event, data);
      } catch (cause) {
        return Promise.reject(cause instanceof Error ? cause : new Error(String(cause)));
      }
    },
  };
}
