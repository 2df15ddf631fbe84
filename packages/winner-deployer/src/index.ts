/**
 * The winner deployer as a library, for those who run several daemons in one process.
 *
 * @example
 * import { settings, winnerDeployer } from "@kloros/winner-deployer";
 * await runDaemon("winner_deployer_daemon", winnerDeployer, { settings });
 */
export { type Config, settings } from "./config.ts";
export { RollbackRefusedError } from "./errors.ts";
export { winnerDeployer } from "./winner-deployer.ts";
