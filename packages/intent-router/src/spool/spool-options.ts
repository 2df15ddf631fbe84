/** What the spool is given, and what it tells. */
import type { Node } from "@kloros/bus";
import type { IntentRules } from "../decide.ts";
import type { SpoolFolders } from "./spool-folders.ts";

/** Where a process can be killed; each is a place after which something is on disk that was not before. */
export type SpoolStep = "judged" | "committed" | "taken" | "removed" | "reported" | "rejected" | "duplicated";

export interface SpoolLog {
  debug(fields: object, message: string): void;
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
  error(fields: object, message: string): void;
}

export interface SpoolSettings {
  /** Largest file that is read, in bytes. */
  readonly maxIntentBytes: number;
  /** How long a file that cannot be parsed must be unchanged until it is rejected, in milliseconds. */
  readonly settleMs: number;
  /** Time between two scans of the folder, in milliseconds. */
  readonly rescanMs: number;
  /** How long a content counts as routed, in milliseconds. */
  readonly duplicateWindowMs: number;
  /** Most contents remembered. */
  readonly maxRemembered: number;
}

export interface SpoolOptions {
  readonly folders: SpoolFolders;
  readonly node: Node;
  readonly rules: IntentRules;
  readonly settings: SpoolSettings;
  readonly log: SpoolLog;
  /** Wall clock, milliseconds since the epoch. */
  readonly now: () => number;
  /** Hears of every step; tests kill the process there. */
  readonly reached: (step: SpoolStep) => void;
}
