/**
 * Talks to daemons over their control sockets: `$KLOROS_HOME/run/<daemon>.sock`, newline-delimited JSON.
 *
 * @example
 * import { askDaemon } from "@kloros/client";
 *
 * const health = await askDaemon(`${home}/run/intent_router.sock`, "system:health");
 */
export { askDaemon } from "./ask-daemon.ts";
export { DaemonUnreachableError, EventError } from "./errors.ts";
export { LineSplitter } from "./line-splitter.ts";
export type { Split } from "./line-splitter.ts";
