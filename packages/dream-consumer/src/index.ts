/**
 * The dream consumer as a library, for those who run several daemons in one process.
 *
 * @example
 * import { dreamConsumer, settings } from "@kloros/dream-consumer";
 * await runDaemon("dream_consumer_daemon", dreamConsumer, { settings });
 */
export { dreamConsumer } from "./dream-consumer.ts";
export { type Config, settings } from "./config.ts";
export { searchEngine } from "./search/search.ts";
export type {
  Asked,
  Outcome,
  Proposal,
  SearchEngine,
  SearchOptions,
  SearchStart,
  SearchState,
} from "./search/engine.ts";
