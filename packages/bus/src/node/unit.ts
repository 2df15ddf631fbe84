/** What travels through the committer: one unit is durable as a whole or not at all (P3). */
import type { NameStream, Outcome } from "../protocol/name-stream.ts";
import type { Priority } from "../signal/envelope.ts";

/** A validated signal that waits for its place in the journal. */
export interface Emission {
  readonly signal: string;
  readonly id: string;
  /** The caller chose the id: it is indexed, so that repeating the emit is harmless. */
  readonly supplied: boolean;
  readonly timestamp: string;
  readonly facts: object;
  readonly version: number;
  readonly priority: Priority;
  readonly correlation_id: string;
  readonly causation_id: string | null;
  readonly traceparent: string;
  /** The envelope's line up to, not including, epoch and positions. */
  readonly head: string;
  /** Set when the block is built. */
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
}

export interface Unit {
  readonly emissions: readonly Emission[];
  readonly state: ReadonlyMap<string, string | undefined> | null;
  readonly outbox: ReadonlyMap<string, string | undefined> | null;
  readonly consumers: ReadonlyMap<string, string> | null;
  readonly finish: Finish | null;
  /** Progress to save although no signal was finished. */
  readonly touched: ProgressKeeper | null;
  /** From outside (not a handling): refused while the disk is below its reserve. */
  readonly intake: boolean;
  /** On disk, and its signals published. */
  onDurable(): void;
  onFailed(error: Error): void;
}

export const EMPTY_UNIT = {
  emissions: [],
  state: null,
  outbox: null,
  consumers: null,
  finish: null,
  touched: null,
  intake: false,
} as const;
