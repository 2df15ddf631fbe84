/** Every bound of the bus, by name. `mesh.yaml` may set them under `limits`; these are the defaults, with their reason. */
export interface BusLimits {
  /** Largest envelope, in bytes; checked before the journal and again on receipt. */
  readonly maxSignalBytes: number;
  /** Deepest nesting of JSON in an envelope. */
  readonly maxSignalDepth: number;
  /** Signals in one group commit: enough that a slow disk does not limit the rate, few enough to be written in a few milliseconds. */
  readonly maxCommitSignals: number;
  /** Bytes in one group commit. */
  readonly maxCommitBytes: number;
  /** Signals in one live frame; a larger commit is published in several. */
  readonly maxFrameSignals: number;
  /** Emits waiting for a commit; more are refused (P5), so a caller that never awaits cannot fill the memory. */
  readonly maxPendingEmits: number;
  /** Signals of one name from one emitter held in memory, waiting or being handled; more stay in the emitter's journal (P5). */
  readonly maxInboxSignals: number;
  /** The same in bytes. */
  readonly maxInboxBytes: number;
  /** Signals in one ledger batch. */
  readonly maxFetchSignals: number;
  /** Bytes in one ledger batch. */
  readonly maxFetchBytes: number;
  /** Bytes of journal the emitter reads for one fetch before it answers, so that no receptor can hold its event loop. */
  readonly maxScanBytes: number;
  /** Frames that ZeroMQ queues for one subscriber before it drops; drops are healed from the ledger (P4). */
  readonly publishHighWaterMark: number;
  /** Frames the emitter itself queues for sending; beyond it live frames are dropped, and healed from the ledger. */
  readonly maxPublishQueue: number;
  /** Longest silence of an emitter's heartbeat while idle, in milliseconds. */
  readonly heartbeatIdleMs: number;
  /** Longest time between heartbeats while anything changes, in milliseconds. */
  readonly heartbeatBusyMs: number;
  /** Longest wait for an answer of a ledger socket, in milliseconds. */
  readonly ledgerDeadlineMs: number;
  /** Identical failures of one handler within `floodWindowMs` that pause it. */
  readonly floodFailures: number;
  readonly floodWindowMs: number;
  /** First pause after a flood, in milliseconds; doubles up to `floodPauseMaxMs`. */
  readonly floodPauseMs: number;
  readonly floodPauseMaxMs: number;
  /** A handler that ignores its abort signal holds its place at most this long after the deadline, in milliseconds. */
  readonly abortGraceMs: number;
  /** Bytes of journal beyond which even unacknowledged signals are removed, oldest first, loudly. */
  readonly maxJournalBytes: number;
  /** Free bytes on the journal's disk below which emits are refused, so that the disk is never filled to the brim. */
  readonly diskReserveBytes: number;
  /** How often retention runs, in milliseconds. */
  readonly pruneIntervalMs: number;
}

const KIB = 1024;
const MIB = 1024 * KIB;

export const DEFAULT_LIMITS: BusLimits = {
  maxSignalBytes: MIB,
  maxSignalDepth: 64,
  maxCommitSignals: 2_048,
  maxCommitBytes: 2 * MIB,
  maxFrameSignals: 512,
  maxPendingEmits: 65_536,
  maxInboxSignals: 8_192,
  maxInboxBytes: 8 * MIB,
  maxFetchSignals: 4_096,
  maxFetchBytes: 4 * MIB,
  maxScanBytes: 16 * MIB,
  publishHighWaterMark: 128,
  maxPublishQueue: 4_096,
  heartbeatIdleMs: 5_000,
  heartbeatBusyMs: 1_000,
  ledgerDeadlineMs: 2_000,
  floodFailures: 50,
  floodWindowMs: 60_000,
  floodPauseMs: 30_000,
  floodPauseMaxMs: 3_600_000,
  abortGraceMs: 5_000,
  maxJournalBytes: 4 * KIB * MIB,
  diskReserveBytes: 32 * MIB,
  pruneIntervalMs: 60_000,
};
