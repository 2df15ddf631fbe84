/** The shell: signals, watches and clocks lead to looks; each concern's own part does what follows. */
import { join } from "node:path";
import type { DaemonContext, DaemonParts } from "@kloros/daemon";
import type { Config } from "./config.ts";
import { HealthMonitor } from "./health/health-monitor.ts";
import { LookSchedule } from "./modules/look-schedule.ts";
import { ModuleMonitor } from "./modules/module-monitor.ts";
import { SignalObservers } from "./observers.ts";
import { EvolutionCounts } from "./promotions/evolution-counts.ts";
import { PromotionMonitor } from "./promotions/promotion-monitor.ts";
import { RegistryReader } from "./registry/registry-reader.ts";
import { RegistryWatch } from "./registry/registry-watch.ts";
import { Restarts } from "./restarts/restarts.ts";
import { watchdogOf } from "./watchdog/watchdog.ts";

/** Registers the handlers; begins to watch when the node has started. */
export function orchestratorMonitor(context: DaemonContext<Config>): DaemonParts {
  const { node, config, home, log } = context;
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

  const observers = new SignalObservers();
  observers.observe("Q_MODULE_INTEGRATED", (signal, tx) => monitor.onIntegrated(signal, tx));
  observers.observe("Q_SCAN_REQUESTED", async ({ id, correlation_id, facts }) => {
    if (facts.scope !== "capabilities" && facts.scope !== "all") return;
    await monitor.look({ id, correlation_id });
    schedule.changed(); // What must wait is looked at again.
  });
  const promotions = new PromotionMonitor(context);
  promotions.observe(observers);
  const evolution = new EvolutionCounts();
  evolution.observe(observers);
  const watchdog = watchdogOf(context);
  watchdog.observe(observers);
  const restarts = new Restarts(context);
  restarts.observe(observers);
  const health = new HealthMonitor(context);
  observers.register(node);

  return {
    start: () => {
      schedule.start();
      promotions.start();
      watchdog.start();
      restarts.start();
      health.start();
    },
    stop: async () => {
      watch.stop();
      await Promise.all([
        schedule.stop(),
        promotions.stop(),
        watchdog.stop(),
        restarts.stop(),
        health.stop(),
      ]);
    },
    statusLine: () =>
      [
        `announced ${monitor.announced} modules`,
        promotions.statusLine(),
        evolution.statusLine(),
        watchdog.statusLine(),
        health.statusLine(),
      ]
        .filter((part) => part !== "")
        .join("; "),
    health: () => ({
      announced: monitor.announced,
      promotions: promotions.health(),
      evolution: evolution.health(),
      watchdog: watchdog.health(),
      health: health.health(),
      restarts: restarts.health(),
    }),
    control: { ...watchdog.control, ...health.control },
  };
}
