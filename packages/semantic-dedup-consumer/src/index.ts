/**
 * The semantic dedup consumer as a library, for those who run several daemons in one process; and its measure of
 * likeness, for benches and tools.
 *
 * @example
 * import { semanticDedupConsumer, settings } from "@kloros/semantic-dedup-consumer";
 * await runDaemon("semantic_dedup_consumer_daemon", semanticDedupConsumer, { settings });
 */
export { type Config, settings } from "./config.ts";
export { semanticDedupConsumer } from "./semantic-dedup-consumer.ts";
export { findingFeatures } from "./similarity/finding-features.ts";
export { type QuestionFeatures, questionFeatures } from "./similarity/question-features.ts";
export { QUESTION_THRESHOLD, questionSimilarity } from "./similarity/question-similarity.ts";
export { type Likeness, SimilarityIndex } from "./similarity/similarity-index.ts";
