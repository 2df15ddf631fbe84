/** The shell: each concern observes signals, looks by itself, and says how it is; here they are put together. */
import type { DaemonContext, DaemonParts } from "@kloros/daemon";
import type { Config } from "./config.ts";
import { HealthMonitor } from "./health/health-monitor.ts";
import { registryLooks } from "./modules/registry-looks.ts";
import { SignalObservers } from "./observers.ts";
import { EvolutionCounts } from "./promotions/evolution-counts.ts";
import { PromotionMonitor } from "./promotions/promotion-monitor.ts";
import { Restarts } from "./restarts/restarts.ts";
import { watchdogOf } from "./watchdog/watchdog.ts";
import { MAX_LISTED_WAITS } from "./watchdog/waiting-list.ts";

/** Registers the handlers; begins to watch when the node has started. */
export function orchestratorMonitor(context: DaemonContext<Config>): DaemonParts {
  const observers = new SignalObservers();
  const modules = registryLooks(context, observers);
  const promotions = new PromotionMonitor(context);
  promotions.observe(observers);
  const evolution = new EvolutionCounts();
  evolution.observe(observers);
  const watchdog = watchdogOf(context);
  watchdog.observe(observers);
  const restarts = new Restarts(context);
  restarts.observe(observers);
  const health = new HealthMonitor(context);
  observers.register(context.node);

  const running = [modules, promotions, watchdog, restarts, health];
  return {
    start: () => {
      for (const part of running) part.start();
    },
    stop: async () => {
      await Promise.all(running.map((part) => part.stop()));
    },
    statusLine: () =>
      [
        `announced ${modules.announced()} modules`,
        promotions.statusLine(),
        evolution.statusLine(),
        watchdog.statusLine(),
        health.statusLine(),
      ]
        .filter((part) => part !== "")
        .join("; "),
    health: () => ({
      announced: modules.announced(),
      promotions: promotions.health(),
      evolution: evolution.health(),
      watchdog: watchdog.health(),
      health: health.health(),
      restarts: restarts.health(),
    }),
    control: {
      "watchdog:list": {
        summary: "What is waited for, the next due first; with what timed out, where asked.",
        parameters: {
          properties: {
            all: { type: "boolean", default: false, description: "Also what timed out and is remembered." },
            limit: {
              type: "integer",
              minimum: 1,
              maximum: MAX_LISTED_WAITS,
              description: "Most rows of the answer.",
            },
          },
        },
        examples: [{}, { all: true, limit: 100 }],
        answer: watchdog.control["watchdog:list"],
      },
      "health:checks": {
        summary: "All checks with value, thresholds, level, and since when.",
        parameters: { properties: {} },
        examples: [{}],
        answer: health.control["health:checks"],
      },
    },
  };
}
