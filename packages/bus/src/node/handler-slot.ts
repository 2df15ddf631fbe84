/** One registered handler with its rules, its waiting room and what of it is running. */
import type { FloodGuard } from "../protocol/flood.ts";
import { Lanes, type Waiting } from "../protocol/lanes.ts";
import type { NameStream } from "../protocol/name-stream.ts";
import type { Envelope } from "../signal/envelope.ts";
import type { Handler, HandlerOptions } from "./api.ts";
import type { Transaction } from "./transaction.ts";
import type { ProgressKeeper } from "./unit.ts";

/** An accepted signal on its way to its handler. */
export interface Work extends Waiting {
  readonly envelope: Envelope;
  readonly stream: NameStream;
  readonly keeper: ProgressKeeper;
  readonly bytes: number;
}

/** A signal being handled, across its attempts. */
export interface Run {
  readonly work: Work;
  readonly slot: HandlerSlot;
  tx: Transaction;
  attempt: number;
  /** Reruns because others changed the state it had read. */
  conflicts: number;
  /** Times it was given up because a disk was full. */
  waits: number;
  startedMs: number;
  /** It has been told as received, and looked at whether it may be handled at all. */
  told: boolean;
  timedOut: boolean;
  /** Set while it waits for its next attempt. */
  timer: NodeJS.Timeout | null;
  /** The attempt that is due, but for the pause of its signal. */
  heldAttempt: number | null;
}

export interface HandlerSlot {
  readonly signal: string;
  readonly handler: Handler;
  readonly concurrency: number;
  readonly deadlineMs: number;
  readonly maxAttempts: number;
  readonly backoff: { readonly baseDelayMs: number; readonly maxDelayMs: number };
  readonly lanes: Lanes<Work>;
  readonly flood: FloodGuard;
  readonly runs: Set<Run>;
  /** 0: not paused. */
  pausedUntilMs: number;
  /** Paused by a person: nothing is started. */
  isHeld: boolean;
}

export function mayStart({ runs, concurrency, pausedUntilMs, isHeld }: HandlerSlot): boolean {
  return runs.size < concurrency && pausedUntilMs === 0 && !isHeld;
}

/** A signal that is about to be handled; `attempt` is above 1 when earlier ones ended with their process. */
export function newRun(slot: HandlerSlot, work: Work, tx: Transaction, attempt: number, nowMs: number): Run {
  const begun = { conflicts: 0, waits: 0, startedMs: nowMs, told: false, timedOut: false, timer: null };
  return { work, slot, tx, attempt, ...begun, heldAttempt: null };
}

const DEFAULTS = { concurrency: 1, deadlineMs: 30_000, maxAttempts: 3, baseDelayMs: 200, maxDelayMs: 10_000 };

export function handlerSlot(
  signal: string,
  handler: Handler,
  options: HandlerOptions,
  flood: FloodGuard,
): HandlerSlot {
  const { concurrency = DEFAULTS.concurrency, deadlineMs = DEFAULTS.deadlineMs, retry = {} } = options;
  const { maxAttempts = DEFAULTS.maxAttempts, ...delays } = retry;
  const { baseDelayMs = DEFAULTS.baseDelayMs, maxDelayMs = DEFAULTS.maxDelayMs } = delays;
  return {
    signal,
    handler,
    concurrency,
    deadlineMs,
    maxAttempts,
    backoff: { baseDelayMs, maxDelayMs },
    lanes: new Lanes<Work>(),
    flood,
    runs: new Set<Run>(),
    pausedUntilMs: 0,
    isHeld: false,
  };
}
