/** When `capabilities.yaml` is looked at: after a change, on request, after an integration, and from time to time. */
import { join } from "node:path";
import type { DaemonContext } from "@kloros/daemon";
import type { Config } from "../config.ts";
import type { SignalObservers } from "../observers.ts";
import { RegistryReader } from "../registry/registry-reader.ts";
import { RegistryWatch } from "../registry/registry-watch.ts";
import { LookSchedule } from "./look-schedule.ts";
import { ModuleMonitor } from "./module-monitor.ts";

export interface RegistryLooks {
  readonly announced: () => number;
  start(): void;
  stop(): Promise<void>;
}

/** Observes the signals that lead to looks; looks from `start` on. */
export function registryLooks(context: DaemonContext<Config>, observers: SignalObservers): RegistryLooks {
  const { config, home, log } = context;
  const path = join(home, "capabilities.yaml");
  const monitor = new ModuleMonitor(context, new RegistryReader(path));
  const lookUnasked = async (): Promise<number | null> => {
    try {
      watch.ensure();
      return await monitor.look();
    } catch (err) {
      log.error({ err }, "Look at the registry failed, the next one is tried as planned");
      return null;
    }
  };
  const schedule = new LookSchedule(lookUnasked, {
    intervalMs: config.scan_interval,
    debounceMs: config.debounce,
  });
  const watch = new RegistryWatch(path, () => schedule.changed());
  observers.observe("Q_MODULE_INTEGRATED", (signal, tx) => monitor.onIntegrated(signal, tx));
  observers.observe("Q_SCAN_REQUESTED", async ({ id, correlation_id, facts }) => {
    if (facts.scope !== "capabilities" && facts.scope !== "all") return;
    await monitor.look({ id, correlation_id });
    schedule.changed(); // What must wait is looked at again.
  });
  return {
    announced: () => monitor.announced,
    start: () => schedule.start(),
    stop: async () => {
      watch.stop();
      await schedule.stop();
    },
  };
}
