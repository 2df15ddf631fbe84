/** What a daemon's author writes and is given. No code here; `lifecycle/run-daemon.ts` lives it. */
import type { Node } from "@kloros/bus";
import type { Logger } from "pino";
import type { OwnEvents } from "./control/catalogue.ts";
import type { Settings } from "./settings/setting.ts";

export type { Logger } from "pino";

/** What `setup` is given. */
export interface DaemonContext<S> {
  /** Open, not started: register handlers now; emissions are accepted. */
  readonly node: Node;
  readonly config: S;
  /** Absolute path of the folder with all state. */
  readonly home: string;
  /** Absolute path of the source tree; need not exist. */
  readonly workspace: string;
  /** Constant message, data in fields: `log.info({ file }, "Intent routed")`. */
  readonly log: Logger;
  /** Aborted when the daemon begins to stop. */
  readonly stopping: AbortSignal;
}

/** What `setup` returns: the daemon's own parts, besides its signal handlers. */
export interface DaemonParts {
  /** After the node has started: begin own intake (watchers, timers). */
  start?(): void | Promise<void>;
  /** On SIGTERM, before the node drains: stop own intake. */
  stop?(): void | Promise<void>;
  /** One line for `STATUS=` and `kloros status`. */
  statusLine?(): string;
  /** More fields of `system:health`. */
  health?(): Record<string, unknown>;
  /**
   * Control-socket events of this daemon. With parameters, examples and a summary they are checked and explained by
   * `system:help`; a plain function gets `data` as it comes. An error's message is the answer.
   */
  control?: OwnEvents;
}

export type DaemonSetup<S> = (context: DaemonContext<S>) => DaemonParts | Promise<DaemonParts>;

export interface DaemonOptions<S> {
  readonly settings: Settings<S>;
}
