/**
 * The orchestrator monitor as a library, for those who run several daemons in one process.
 *
 * @example
 * import { orchestratorMonitor, settings } from "@kloros/orchestrator-monitor";
 * await runDaemon("orchestrator_monitor", orchestratorMonitor, { settings });
 */
export { type Config, settings } from "./config.ts";
export { orchestratorMonitor } from "./orchestrator-monitor.ts";
