/**
 * For tests of daemons: one daemon's setup on a real node, in a home of its own that is gone afterwards. Journals,
 * contracts, transactions, retries and dead letters are the real ones; the others of the mesh are played by the test.
 *
 * @example
 * const daemon = await testDaemon("word_counter", wordCounter, { settings, contractDirs: ["contracts"] });
 * await daemon.deliver("Q_WORDS_REQUESTED", { subject: "readme", text: "one two three" });
 * const { facts } = await daemon.waitFor("Q_WORDS_DONE");
 * assert.equal(facts.words, 3);
 * await daemon.close();
 */
export { askParts } from "./ask-parts.ts";
export { testDaemon } from "./test-daemon.ts";
export type { DeliverOptions, TestDaemon, TestDaemonOptions } from "./api.ts";
export type { Emission } from "./emissions.ts";
export { NoStreamsError, TestDeadlineError } from "./errors.ts";
