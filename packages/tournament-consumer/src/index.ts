/**
 * The tournament consumer as a library, for those who run several daemons in one process.
 *
 * @example
 * import { settings, tournamentConsumer } from "@kloros/tournament-consumer";
 * await runDaemon("tournament_consumer_daemon", tournamentConsumer, { settings });
 */
export { type Config, settings } from "./config.ts";
export { tournamentConsumer } from "./tournament-consumer.ts";
