/**
 * The contract between the bus and everything built on it: what a node can do, what a handler is given.
 * No code here; `open-node.ts` builds the real thing.
 *
 * @see docs/architecture.md, promises P1–P10
 */
import type { LetterInput } from "./dead-letter.ts";
import type { Unfinished } from "./unfinished.ts";
import type { Contracts } from "../signal/contract.ts";
import type { Envelope, Facts, Priority, SignalName } from "../signal/envelope.ts";

/** What an emit promises: the signal is on disk (P2). */
export interface Receipt {
  readonly id: string;
  readonly signal: string;
  /** Position in the emitter's journal; 0 for volatile (telemetry) signals. */
  readonly seq: number;
  /** `synced`: journal commit flushed to disk. `duplicate`: this id was already journalled; nothing was published. `volatile`: telemetry. */
  readonly durability: "synced" | "duplicate" | "volatile";
}

export interface EmitOptions {
  /** UUID; the idempotency key. Left out: a fresh UUIDv7. */
  readonly id?: string;
  readonly priority?: Priority;
  /** Join an existing story instead of starting one. */
  readonly correlation_id?: string;
  readonly causation_id?: string | null;
}

/** Durable key-value state of a daemon. Values are JSON. Keys are strings of at most 1,000 bytes. */
export interface StateReader {
  get<T = unknown>(key: string): T | undefined;
  /** Entries whose key starts with `prefix`, in key order, at most `limit` (default 1,000). */
  list<T = unknown>(prefix: string, limit?: number): { key: string; value: T }[];
}

export interface TxState extends StateReader {
  put(key: string, value: unknown): void;
  delete(key: string): void;
}

/** One atomic unit (P3): state changes and emissions happen together, or not at all. */
export interface Tx {
  readonly state: TxState;
  /** Validates at once (throws), journals at commit. Returns the id the signal will have. */
  emit<N extends SignalName>(signal: N, facts: Facts<N>, options?: EmitOptions): string;
  /**
   * Puts a dead letter into `failed_signals.jsonl`: durable with this transaction, once per `key` even across crashes.
   * For failures outside a handler; a handler that throws for good is dead-lettered by the bus itself.
   */
  deadLetter(letter: LetterInput): void;
  /** Runs after the commit is on disk; for effects that must not precede it. Errors are logged, never lost. */
  afterCommit(effect: () => void | Promise<void>): void;
}

/** What a handler is given besides the signal. */
export interface HandlerTx extends Tx {
  /** Aborted when the handler's deadline passes or the node stops. */
  readonly abortSignal: AbortSignal;
  /** 1 for the first try. */
  readonly attempt: number;
}

export type Handler<N extends SignalName = SignalName> = (
  signal: Envelope<N>,
  tx: HandlerTx,
) => void | Promise<void>;

export interface HandlerOptions {
  /** Where a consumer that has no cursor yet starts. Default `earliest`: nothing that is journalled is missed. */
  readonly from?: "earliest" | "now";
  /** Handlers of this signal running at once; per ordering key it is always one. Default 1. */
  readonly concurrency?: number;
  /** Longest time for one attempt, in milliseconds. Default 30,000. */
  readonly deadlineMs?: number;
  readonly retry?: {
    /** Attempts in all, the first included. Default 3. */
    readonly maxAttempts?: number;
    readonly baseDelayMs?: number;
    readonly maxDelayMs?: number;
  };
}

/** A daemon's place on the mesh: one journal, its live socket, its receptors. */
export interface Node {
  readonly daemon: string;
  readonly home: string;
  readonly contracts: Contracts;
  readonly state: StateReader;
  /**
   * Validates, journals, syncs, publishes. Resolves when the signal is on disk (P1, P2).
   * @throws {ContractViolationError} unknown signal, facts not valid under the contract
   * @throws {EmitRightError} this daemon is not among the contract's emitters
   * @throws {IdReusedError} the id is journalled with other content
   * @throws {SignalTooLargeError}, {DiskFullError}, {EmitQueueFullError}, {NodeClosedError}
   */
  emit<N extends SignalName>(signal: N, facts: Facts<N>, options?: EmitOptions): Promise<Receipt>;
  /** Registers the handler; to be called before `start()`. */
  on<N extends SignalName>(signal: N, handler: Handler<N>, options?: HandlerOptions): void;
  /** A transaction outside a handler (file watchers, timers). Resolves when synced. */
  transact<T>(body: (tx: Tx) => T): Promise<T>;
  /** Connects receptors and begins handling. Resolves when every reachable emitter has been caught up to its welcome. */
  start(): Promise<void>;
  /**
   * Signals of these names that emitters have on disk and this node has not finished, emitter by emitter: read from the
   * journals, so emitters may be stopped. For decisions that must not overtake an answer which is on its way. What is
   * written meanwhile may or may not be seen. A journal that cannot be read is said, not thrown.
   */
  unfinished(signals: readonly SignalName[]): AsyncIterable<Unfinished>;
  /**
   * Whether this node is of use to others: a round trip through its own ledger socket, and a look into its own journal's
   * file. One at a time; who asks meanwhile gets the same answer. `deadlineMs` counts time in which the event loop turns.
   * @throws {ProbeFailedError}, {NodeClosedError}
   */
  probe(deadlineMs: number): Promise<void>;
  /**
   * Pauses the handling of one signal: attempts that run are let finish, nothing new and no retry begins. Durable, survives
   * restarts; what arrives stays pending. `untilMs`: Unix time at which it goes on by itself. Paused again: the new end holds.
   * @throws {NotHandledError}, {DiskFullError}, {NodeClosedError}
   */
  pause(signal: string, options?: { readonly untilMs?: number }): Promise<void>;
  /** Goes on with it at once; false when it was not paused. @throws {DiskFullError}, {NodeClosedError} */
  resume(signal: string): Promise<boolean>;
  /** What is paused by `pause`. */
  readonly pausedByHand: readonly HandPause[];
  /**
   * Stops intake, waits for running handlers (at most `deadlineMs`), syncs. `lastly` is a last transaction, after all
   * others; what it throws, or the disk, rejects the drain.
   */
  drain(deadlineMs: number, lastly?: (tx: Tx) => void): Promise<void>;
  /** Closes sockets and journal. Idempotent. */
  close(): Promise<void>;
  stats(): NodeStats;
}

/** A signal whose handling a person has paused; times in RFC 3339. `until`: null: until somebody resumes. */
export interface HandPause {
  readonly signal: string;
  readonly since: string;
  readonly until: string | null;
}

export interface NodeStats {
  readonly epoch: string;
  readonly lastSeq: number;
  readonly emitted: number;
  readonly handled: number;
  readonly deadLettered: number;
  readonly inbox: number;
  readonly inFlight: number;
  /** Signals known to exist at emitters and not finished here. */
  readonly lag: number;
  /** Age of the oldest running handler attempt, in milliseconds; 0 when none runs. */
  readonly oldestHandlerMs: number;
  /** Signals with a handler that was given up, past its own deadline and `abortGraceMs`, and that still runs. */
  readonly hung: readonly string[];
  /** Age of the write to the journal that is in flight, in milliseconds; 0 when none is. */
  readonly journalWriteMs: number;
  /** Handlers paused by a flood of identical failures. */
  readonly paused: readonly string[];
  readonly droppedFrames: number;
  readonly gapsHealed: number;
  /** Connections that the transport did not let in: no key, an unknown or a revoked one. */
  readonly refusedPeers: number;
  /** Live data in the journal, in bytes, and the size at which even unacknowledged signals are removed. */
  readonly journalBytes: number;
  readonly maxJournalBytes: number;
}
