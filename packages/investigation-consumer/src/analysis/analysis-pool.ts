/**
 * Runs analyses off the event loop, in processes that start with the first investigation and end when idle, so a
 * daemon that waits is small. An analysis that hangs, crashes or eats memory costs its process only.
 *
 * P6 Deadline and crash come back as failed outcomes. P10 The deadline counts from when a process takes the work.
 */
import { AnalysisAbandonedError } from "../errors.ts";
import { AnalysisProcess } from "./analysis-process.ts";
import type { InvestigationOutcome } from "./findings.ts";
import type { InvestigationRequest } from "./investigate.ts";

export interface AnalysisPoolOptions {
  /** Processes at most. */
  readonly workers: number;
  readonly deadlineMs: number;
  readonly idleMs: number;
  /** Heap of one process, in bytes. */
  readonly memoryBytes: number;
  /** What the processes run; given by tests. */
  readonly file?: URL;
}

interface Idle {
  readonly process: AnalysisProcess;
  readonly timer: NodeJS.Timeout;
}

const MEBIBYTE = 1024 * 1024;

export class AnalysisPool {
  readonly #options: AnalysisPoolOptions;
  readonly #idle: Idle[] = [];
  readonly #waiting: (() => void)[] = [];
  #busy = 0;

  constructor(options: AnalysisPoolOptions) {
    this.#options = options;
  }

  /** Analyses at work or waiting for a process; the caller bounds them by its concurrency (P5). */
  get load(): number {
    return this.#busy + this.#waiting.length;
  }

  get processes(): number {
    return this.#busy + this.#idle.length;
  }

  /** @throws {AnalysisAbandonedError} `signal` was aborted */
  async run(request: InvestigationRequest, signal: AbortSignal): Promise<InvestigationOutcome> {
    while (this.#busy >= this.#options.workers) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    this.#busy++;
    try {
      return await this.#runNow(request, signal);
    } finally {
      this.#busy--;
      this.#waiting.shift()?.();
    }
  }

  /** Ends idle processes; those at work end with their analysis. */
  close(): void {
    for (const { process, timer } of this.#idle.splice(0)) {
      clearTimeout(timer);
      process.end();
    }
  }

  async #runNow(request: InvestigationRequest, signal: AbortSignal): Promise<InvestigationOutcome> {
    if (signal.aborted) throw new AnalysisAbandonedError({ cause: signal.reason });
    const { deadlineMs } = this.#options;
    const stop = new AbortController();
    const onAbort = () => stop.abort();
    const timer = setTimeout(onAbort, deadlineMs);
    signal.addEventListener("abort", onAbort, { once: true });
    const process = this.#take();
    try {
      return await process.run(request, stop.signal);
    } catch (cause) {
      if (signal.aborted) throw new AnalysisAbandonedError({ cause });
      if (stop.signal.aborted)
        return failedOutcome(
          "AnalysisTimeout",
          `the analysis took longer than ${deadlineMs} ms and was stopped`,
        );
      const reason = cause instanceof Error ? cause.message : String(cause);
      return failedOutcome("AnalysisCrashed", `the analysis broke down: ${reason}`);
    } finally {
      clearTimeout(timer);
      signal.removeEventListener("abort", onAbort);
      this.#putBack(process);
    }
  }

  #take(): AnalysisProcess {
    for (let idle = this.#idle.pop(); idle; idle = this.#idle.pop()) {
      clearTimeout(idle.timer);
      if (!idle.process.hasEnded) return idle.process;
    }
    const { file = new URL("./analysis-main.js", import.meta.url), memoryBytes } = this.#options;
    return new AnalysisProcess({ file, maxHeapMebibytes: Math.ceil(memoryBytes / MEBIBYTE) });
  }

  #putBack(process: AnalysisProcess): void {
    if (process.hasEnded) return;
    const timer = setTimeout(() => {
      this.#idle.splice(
        this.#idle.findIndex((idle) => idle.process === process),
        1,
      );
      process.end();
    }, this.#options.idleMs).unref();
    this.#idle.push({ process, timer });
  }
}

function failedOutcome(type: "AnalysisTimeout" | "AnalysisCrashed", message: string): InvestigationOutcome {
  return { kind: "failed", error: { type, message }, notes: [] };
}
