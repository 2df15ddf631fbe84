/**
 * The capability integrator as a library, for those who run several daemons in one process.
 *
 * @example
 * import { capabilityIntegrator, settings } from "@kloros/capability-integrator";
 * await runDaemon("capability_integrator_daemon", capabilityIntegrator, { settings });
 */
export { capabilityIntegrator } from "./capability-integrator.ts";
export { type Config, settings } from "./config.ts";
