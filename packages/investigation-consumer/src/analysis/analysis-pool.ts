/**
 * Runs analyses off the event loop. Threads start with the first investigation and end when idle, so a daemon that
 * waits is small; each analysis has its own deadline, and one that hangs, crashes or eats memory costs its thread only.
 *
 * P6 Deadline and crash come back as failed outcomes. P10 The deadline counts from when a thread takes the work.
 */
import type { Piscina } from "piscina";
import { AnalysisAbandonedError } from "../errors.ts";
import type { InvestigationOutcome } from "./findings.ts";
import type { InvestigationRequest } from "./investigate.ts";

export interface AnalysisPoolOptions {
  readonly workers: number;
  readonly deadlineMs: number;
  readonly idleMs: number;
  /** Heap of one thread, in bytes. */
  readonly memoryBytes: number;
  /** Module with `investigate`; given by tests that run from sources. */
  readonly workerFile?: URL;
  readonly workerArguments?: readonly string[];
}

const MEBIBYTE = 1024 * 1024;

export class AnalysisPool {
  readonly #options: AnalysisPoolOptions;
  #pool: Promise<Piscina> | undefined;
  #free: number;
  readonly #waiting: (() => void)[] = [];

  constructor(options: AnalysisPoolOptions) {
    this.#options = options;
    this.#free = options.workers;
  }

  /** Analyses at work or waiting for a thread; the caller bounds them by its concurrency. */
  get load(): number {
    return this.#options.workers - this.#free + this.#waiting.length;
  }

  /** @throws {AnalysisAbandonedError} `signal` was aborted */
  async run(request: InvestigationRequest, signal: AbortSignal): Promise<InvestigationOutcome> {
    await this.#acquire();
    try {
      return await this.#runNow(request, signal);
    } finally {
      this.#release();
    }
  }

  /** Ends all threads. */
  async close(): Promise<void> {
    const pool = await this.#pool;
    this.#pool = undefined;
    await pool?.destroy();
  }

  async #runNow(request: InvestigationRequest, signal: AbortSignal): Promise<InvestigationOutcome> {
    if (signal.aborted) throw new AnalysisAbandonedError({ cause: signal.reason });
    const { deadlineMs } = this.#options;
    const stop = new AbortController();
    let isLate = false;
    const timer = setTimeout(() => {
      isLate = true;
      stop.abort();
    }, deadlineMs);
    const onAbort = () => stop.abort();
    signal.addEventListener("abort", onAbort, { once: true });
    try {
      this.#pool ??= this.#open();
      const pool = await this.#pool;
      return (await pool.run(request, { name: "investigate", signal: stop.signal })) as InvestigationOutcome;
    } catch (cause) {
      if (signal.aborted) throw new AnalysisAbandonedError({ cause });
      if (isLate)
        return failedOutcome(
          "AnalysisTimeout",
          `the analysis took longer than ${deadlineMs} ms and was stopped`,
        );
      return failedOutcome(
        "AnalysisCrashed",
        `the analysis broke down: ${cause instanceof Error ? cause.message : String(cause)}`,
      );
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
    }
  }

  /** The pool is loaded with the first investigation: an idle daemon does without its 7 MB. */
  async #open(): Promise<Piscina> {
    const { Piscina } = await import("piscina");
    const { workers, idleMs, memoryBytes, workerFile, workerArguments } = this.#options;
    return new Piscina({
      filename: (workerFile ?? new URL("./investigate.js", import.meta.url)).href,
      minThreads: 0,
      maxThreads: workers,
      idleTimeout: idleMs,
      recordTiming: false,
      resourceLimits: { maxOldGenerationSizeMb: Math.ceil(memoryBytes / MEBIBYTE) },
      ...(workerArguments && { execArgv: [...workerArguments] }),
    });
  }

  async #acquire(): Promise<void> {
    if (this.#free > 0) {
      this.#free--;
      return;
    }
    await new Promise<void>((resolve) => {
      this.#waiting.push(resolve);
    });
  }

  #release(): void {
    const next = this.#waiting.shift();
    if (next) next();
    else this.#free++;
  }
}

function failedOutcome(type: "AnalysisTimeout" | "AnalysisCrashed", message: string): InvestigationOutcome {
  return { kind: "failed", error: { type, message }, notes: [] };
}
