/**
 * The investigation consumer as a library, for those who run several daemons in one process.
 *
 * @example
 * import { investigationConsumer, settings } from "@kloros/investigation-consumer";
 * await runDaemon("investigation_consumer_daemon", investigationConsumer, { settings });
 */
export { type Config, settings } from "./config.ts";
export { investigationConsumer } from "./investigation-consumer.ts";
