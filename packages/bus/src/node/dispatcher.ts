/**
 * Runs handlers: from the waiting rooms, outside the receive loop, within deadlines, with bounded retries, and with exactly
 * one fate for each signal (P6): handled, or dead-lettered. A crash leaves it unfinished, and it comes again.
 *
 * D1  A handling's effects are submitted as one unit with its finish (P3).
 * D2  A retry keeps its place (slot and ordering key), so order holds across retries (P9).
 * D3  A full disk is not the signal's fault: the attempt is made again until there is space, however long that takes (P5).
 * D4  Starting handlers never takes the event loop for longer than `TURN_BUDGET_MS` at a time.
 */
import { isDiskFull } from "../files/errors.ts";
import { backoffDelayMs } from "../protocol/backoff.ts";
import type { Envelope } from "../signal/envelope.ts";
import { HandlerDeadlineError, StateConflictError } from "./errors.ts";
import { HungHandlers } from "./hung-handlers.ts";
import type { KeptAttempts } from "./kept-attempts.ts";
import { finishOf } from "./handling-report.ts";
import { Transaction, type TransactionParts } from "./transaction.ts";
import { mayStart, newRun, type HandlerSlot, type Run, type Work } from "./handler-slot.ts";
import { floodedOf, inFlightOf, oldestOf, waitingOf } from "./slot-figures.ts";
import type { Finish, ProgressKeeper } from "./unit.ts";

export interface DispatcherOptions {
  readonly now: () => number;
  readonly random: () => number;
  readonly abortGraceMs: number;
  readonly attempts: KeptAttempts;
  readonly transaction: TransactionParts;
  /** What keeps a signal from being handled at all (P8); null when it is as its contract says. */
  readonly refuse: (envelope: Envelope) => Error | null;
  readonly onReceived: ((envelope: Envelope) => void) | null;
  /** An attempt failed and another will follow; null: nobody wants to know of any attempt. */
  readonly onRetry: ((run: Run) => void) | null;
  /** The handling succeeded: to be committed with its finish. `onFreed` may already start the next. */
  readonly complete: (tx: Transaction, finish: Finish) => void;
  /** No attempt is left: to be dead-lettered with its finish. */
  readonly bury: (work: Work, finish: Finish, error: unknown, attempts: number) => void;
  /** A handler met a full disk and will be tried again. */
  readonly onDiskFull: (envelope: Envelope, error: unknown) => void;
  readonly onFlood: (signal: string, failures: number, pauseMs: number) => void;
}

const TURN_BUDGET_MS = 8;
/** Reruns because others changed what was read; more means the handler needs an ordering key. */
const MAX_CONFLICTS = 20;
/** Between two looks whether a full disk has space again (D3). */
const SPACE_BACKOFF = { baseDelayMs: 250, maxDelayMs: 5_000 };

export class Dispatcher {
  readonly slots = new Map<string, HandlerSlot>();
  readonly hung = new HungHandlers();
  readonly #options: DispatcherOptions;
  #scheduled = false;
  #stopped = false;

  constructor(options: DispatcherOptions) {
    this.#options = options;
  }

  get inFlight(): number {
    return inFlightOf(this.slots.values());
  }
  get waiting(): number {
    return waitingOf(this.slots.values());
  }
  get paused(): string[] {
    return floodedOf(this.slots.values());
  }
  oldestMs(nowMs: number): number {
    return oldestOf(this.slots.values(), nowMs);
  }

  enqueue(work: Work): void {
    this.slots.get(work.envelope.signal)?.lanes.push(work);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#scheduled || this.#stopped) return;
    this.#scheduled = true;
    queueMicrotask(this.#turn);
  }

  readonly #turn = (): void => {
    this.#scheduled = false;
    const until = performance.now() + TURN_BUDGET_MS;
    for (const slot of this.slots.values()) {
      if (this.#runSlot(slot, until)) continue;
      // The budget is spent: let sockets and timers have their turn (D4).
      this.#scheduled = true;
      setImmediate(this.#turn);
      return;
    }
  };

  /** False when the turn's time is over before the slot had nothing left to start. */
  #runSlot(slot: HandlerSlot, until: number): boolean {
    while (!this.#stopped && mayStart(slot)) {
      const work = slot.lanes.take();
      if (work === undefined) return true;
      const attempt = this.#options.attempts.next(work.envelope);
      this.#start(newRun(slot, work, this.#transaction(work, attempt), attempt, this.#options.now()));
      if (performance.now() > until) return false;
    }
    return true;
  }

  #transaction(work: Work, attempt: number): Transaction {
    return new Transaction(this.#options.transaction, work.envelope, attempt);
  }

  #start(run: Run): void {
    run.slot.runs.add(run);
    const { tx } = run;
    if (!run.told) {
      run.told = true;
      this.#options.onReceived?.(run.work.envelope);
      const refusal = this.#options.refuse(run.work.envelope);
      if (refusal !== null) {
        tx.end();
        this.#bury(run, refusal);
        return;
      }
    }
    let result: void | Promise<void>;
    try {
      result = run.slot.handler(run.work.envelope, tx);
    } catch (error) {
      this.#onFailed(run, tx, error);
      return;
    }
    if (result === undefined || typeof (result as Partial<Promise<void>>).then !== "function") {
      this.#onReturned(run, tx);
    } else {
      result.then(
        () => {
          this.hung.returned(tx);
          this.#onReturned(run, tx);
        },
        (error: unknown) => {
          this.hung.returned(tx);
          this.#onFailed(run, tx, error);
        },
      );
    }
  }

  #onReturned(run: Run, tx: Transaction): void {
    if (this.#isOver(run, tx)) return;
    if (run.timedOut) {
      this.#onFailed(run, tx, new HandlerDeadlineError(run.slot.signal, run.slot.deadlineMs));
    } else if (tx.stale) {
      this.#rerun(run, tx);
    } else {
      tx.end();
      this.#options.complete(tx, this.#finish(run, "handled"));
      run.slot.flood.onHandled();
      this.#free(run);
    }
  }

  #rerun(run: Run, tx: Transaction): void {
    tx.forget();
    tx.end();
    if (++run.conflicts > MAX_CONFLICTS) {
      this.#onFailed(run, tx, new StateConflictError(run.slot.signal, run.conflicts));
      return;
    }
    run.tx = this.#transaction(run.work, run.attempt);
    this.#start(run);
  }

  /** An attempt that was given up has nothing more to say: another one follows, or the signal has its fate already. */
  #isOver(run: Run, tx: Transaction): boolean {
    return run.tx !== tx || run.timer !== null || !run.slot.runs.has(run);
  }

  #onFailed(run: Run, tx: Transaction, error: unknown): void {
    if (this.#isOver(run, tx)) return;
    const reason = run.timedOut ? new HandlerDeadlineError(run.slot.signal, run.slot.deadlineMs) : error;
    tx.abandon(reason instanceof Error ? reason : new Error(String(reason)));
    if (isDiskFull(reason)) {
      this.#waitForSpace(run, reason);
      return;
    }
    const retryable = (error as { retryable?: unknown } | null)?.retryable !== false;
    if (retryable && run.attempt < run.slot.maxAttempts) {
      this.#options.onRetry?.(run);
      const delayMs = backoffDelayMs(run.attempt, run.slot.backoff, this.#options.random());
      run.timer = setTimeout(() => {
        this.#retry(run, run.attempt + 1);
      }, delayMs);
    } else {
      this.#bury(run, reason);
    }
  }

  /** D3 */
  #waitForSpace(run: Run, error: unknown): void {
    if (run.waits++ === 0) this.#options.onDiskFull(run.work.envelope, error);
    const delayMs = backoffDelayMs(run.waits, SPACE_BACKOFF, this.#options.random());
    run.timer = setTimeout(() => {
      this.#retry(run, run.attempt);
    }, delayMs);
  }

  #retry(run: Run, attempt: number): void {
    run.heldAttempt = run.slot.isHeld ? attempt : null;
    if (run.slot.isHeld) return; // It keeps its place (D2).
    run.timer = null;
    run.attempt = attempt;
    run.timedOut = false;
    run.startedMs = this.#options.now();
    run.tx = this.#transaction(run.work, run.attempt);
    this.#start(run);
  }

  #finish(run: Run, outcome: Finish["outcome"]): Finish {
    return finishOf(run, outcome, this.#options.onRetry === null ? null : this.#options.now());
  }

  #bury(run: Run, error: unknown): void {
    this.#options.bury(run.work, this.#finish(run, "dead"), error, run.attempt);
    this.#free(run);
  }

  /** What was buried, by its fingerprint; a flood of one cause pauses the handler. */
  onBuried(signal: string, fingerprint: string): void {
    const slot = this.slots.get(signal);
    const now = this.#options.now();
    const verdict = slot?.flood.onDeadLetter(fingerprint, now);
    if (slot === undefined || verdict?.kind !== "pause") return;
    slot.pausedUntilMs = verdict.untilMs;
    this.#options.onFlood(signal, verdict.failures, verdict.untilMs - now);
  }

  #free(run: Run): void {
    this.#options.attempts.forget(run.work.envelope);
    run.slot.runs.delete(run);
    run.slot.lanes.release(run.work);
    if (run.slot.lanes.size > 0) this.#schedule();
  }

  /** Deadlines and the ends of pauses. */
  onTick(nowMs: number): void {
    for (const slot of this.slots.values()) {
      for (const run of slot.runs) this.#checkDeadline(run, nowMs);
      if (slot.pausedUntilMs !== 0 && nowMs >= slot.pausedUntilMs) {
        slot.pausedUntilMs = 0;
        this.#schedule();
      }
    }
  }

  #checkDeadline(run: Run, nowMs: number): void {
    if (run.timer !== null) return;
    const overMs = nowMs - run.startedMs - run.slot.deadlineMs;
    if (overMs < 0) return;
    if (!run.timedOut) {
      run.timedOut = true;
      run.tx.abandon(new HandlerDeadlineError(run.slot.signal, run.slot.deadlineMs));
    } else if (overMs > this.#options.abortGraceMs) {
      // It ignores its abort signal. Its transaction is over, so whatever it still does has no effect here.
      this.hung.add(run.tx, run.slot.signal);
      if (run.attempt < run.slot.maxAttempts) this.#options.attempts.keep(run.work.envelope, run.attempt);
      this.#onFailed(run, run.tx, null);
    }
  }

  /** Nothing of this signal is started, or everything that waits is. */
  hold(signal: string, isHeld: boolean): void {
    const slot = this.slots.get(signal);
    if (slot === undefined) return;
    slot.isHeld = isHeld;
    if (isHeld) return;
    for (const run of slot.runs) if (run.heldAttempt !== null) this.#retry(run, run.heldAttempt);
    this.#schedule();
  }

  /** Starts no more handlers. */
  stop(): void {
    this.#stopped = true;
  }

  /** Forgets everything that waits or runs (of one keeper, or at all): it is unfinished and will come again. */
  forget(reason: Error, keeper?: ProgressKeeper): void {
    for (const slot of this.slots.values()) {
      for (const run of slot.runs) {
        if (keeper !== undefined && run.work.keeper !== keeper) continue;
        if (run.timer !== null) clearTimeout(run.timer);
        run.tx.abandon(reason);
        slot.runs.delete(run);
        slot.lanes.release(run.work);
      }
      slot.lanes.remove((work) => keeper === undefined || work.keeper === keeper);
    }
    this.#schedule();
  }
}
