/** What travels through the committer: one unit is durable as a whole or not at all (P3). */
import type { NameStream, Outcome } from "../protocol/name-stream.ts";
import type { Priority } from "../signal/envelope.ts";

/** A validated signal that waits for its place in the journal. Its line is written when it has one: what waits stays small. */
export interface Emission {
  readonly signal: string;
  readonly id: string;
  /** The caller chose the id: it is indexed, so that repeating the emit is harmless. */
  readonly supplied: boolean;
  /** Telemetry: published, never journalled. */
  readonly volatile: boolean;
  readonly timestamp: string;
  readonly source: string;
  /** Taken when it was emitted: what the caller does to `facts` afterwards changes nothing. */
  readonly factsJson: string;
  readonly version: number;
  readonly priority: Priority;
  readonly correlation_id: string;
  readonly causation_id: string | null;
  /** Transactions that want it: several may emit the same supplied id before it is on disk. */
  holders: number;
  /** Set when the block is built; 0 before. */
  seq: number;
}

/** Anything that has progress to keep for one emitter. */
export interface ProgressKeeper {
  readonly emitter: string;
  progressJson(): string | null;
  /** Its progress is on disk. */
  onCommitted(): void;
}

export interface Finish {
  readonly keeper: ProgressKeeper;
  readonly stream: NameStream;
  readonly seq: number;
  readonly outcome: Outcome;
  readonly bytes: number;
  /** What is told of it once it is on disk; null when nobody listens. */
  readonly handling: Handling | null;
}

/** One attempt of a handler, for whoever observes the node. */
export interface Handling {
  readonly signal: string;
  readonly id: string;
  readonly source: string;
  readonly correlation_id: string;
  /** The envelope's: when it was emitted. */
  readonly timestamp: string;
  readonly attempt: number;
  /** How long the attempt took, in milliseconds. */
  readonly handlerMs: number;
}

export interface Unit {
  readonly emissions?: readonly Emission[];
  /** JSON text by key; undefined deletes. */
  readonly state?: ReadonlyMap<string, string | undefined> | null;
  readonly outbox?: ReadonlyMap<string, string | undefined> | null;
  readonly consumers?: ReadonlyMap<string, string>;
  readonly finish?: Finish | null;
  /** Progress to save although no signal was finished. */
  readonly touched?: ProgressKeeper;
  /** From outside (not a handling): refused while the disk is below its reserve. */
  readonly intake?: boolean;
  /** On disk, and its signals published. */
  onDurable?(): void;
  /** Not on disk. Who does not listen leaves it to `DiskTrouble`: the work comes again. */
  onFailed?(error: Error): void;
}

/** What this process has done since it started. */
export interface Counts {
  emitted: number;
  handled: number;
  dead: number;
}
