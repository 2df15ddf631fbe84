/**
 * The intent router as a library: the judgement over one intent file, for programs that write intents and want to know
 * beforehand, and the daemon itself, for those who run several in one process.
 *
 * @example
 * const verdict = decide(await readFile("a.json"), { daemon: "intent_router", contracts: loadContracts(), sha256 });
 * if (verdict.kind === "rejected") console.log(verdict.problems);
 */
export { decide, MAX_ID_CHARS } from "./decide.ts";
export type { Decision, IntentRules, Routed, SignalRequest } from "./decide.ts";
export { problemLine } from "./problem.ts";
export type { Problem } from "./problem.ts";
export { intentRouter } from "./intent-router.ts";
export { type Config, settings } from "./config.ts";
export { IntentRejectedError } from "./errors.ts";
