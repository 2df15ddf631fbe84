/**
 * The policy engine as a library, for those who run several daemons in one process.
 *
 * @example
 * import { policyEngine, settings } from "@kloros/policy-engine";
 * await runDaemon("kloros_policy_engine", policyEngine, { settings });
 */
export { type Config, settings } from "./config.ts";
export { policyEngine } from "./policy-engine.ts";
