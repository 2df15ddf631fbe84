/**
 * Where a generation's work is done: at once when it is small, as nearly always, else in a thread of its own, so that the daemon
 * answers meanwhile. Both give the same result.
 */
import { Worker } from "node:worker_threads";
import type { SearchEngine, SearchOptions } from "../search/engine.ts";
import { KlorosError } from "@kloros/bus";
import {
  judge,
  type Judged,
  type JudgementWork,
  propose,
  type ProposalWork,
  type Proposed,
} from "./generation-work.ts";

/** Numbers of a generation (candidates times parameters) that are handled in a few milliseconds. */
const MAX_SMALL = 1_000;
/** The largest generation takes some seconds on a busy machine; who takes longer is caught in a loop. */
const DEADLINE_MS = 120_000;
/** Threads load what was built; a daemon that runs from its sources, as in tests, does without them. */
const IS_BUILT = import.meta.url.endsWith(".js");

/** The search did not answer in its time, or its thread ended; the step is tried again, and the cycle then fails as `FilesNotUsable`. */
export class GenerationWorkError extends KlorosError {
  constructor(message: string, options?: ErrorOptions) {
    super("E_GENERATION_WORK", message, options);
  }
}

export class GenerationDesk {
  readonly #engine: SearchEngine;
  readonly #usesThreads: boolean;

  /** `usesThreads`: false where the engine is not the daemon's own, which threads use. */
  constructor(engine: SearchEngine, usesThreads: boolean) {
    this.#engine = engine;
    this.#usesThreads = usesThreads && IS_BUILT;
  }

  async propose(work: ProposalWork, stopping: AbortSignal): Promise<Proposed> {
    const size = Math.min(work.room, Math.max(work.options.selector.population, work.options.starts.length));
    return this.#isSmall(size, work.options)
      ? propose(this.#engine, work)
      : inThread<Proposed>(work, stopping);
  }

  async judge(work: JudgementWork, stopping: AbortSignal): Promise<Judged> {
    return this.#isSmall(work.size, work.options)
      ? judge(this.#engine, work)
      : inThread<Judged>(work, stopping);
  }

  #isSmall(candidates: number, { space }: SearchOptions): boolean {
    return !this.#usesThreads || candidates * space.size <= MAX_SMALL;
  }
}

/** @throws {GenerationWorkError}, or what the work threw */
async function inThread<R>(work: ProposalWork | JudgementWork, stopping: AbortSignal): Promise<R> {
  stopping.throwIfAborted();
  const worker = new Worker(new URL("./generation-thread.js", import.meta.url), { workerData: work });
  let stop = (): void => undefined;
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<R>((resolve, reject) => {
      stop = () => reject(new GenerationWorkError("the daemon stops"));
      stopping.addEventListener("abort", stop);
      timer = setTimeout(() => {
        reject(new GenerationWorkError(`the search did not answer in ${DEADLINE_MS / 1_000} s`));
      }, DEADLINE_MS);
      worker.once("message", resolve).once("error", reject);
      worker.once("exit", () =>
        reject(new GenerationWorkError("the search's thread ended without a result")),
      );
    });
  } finally {
    clearTimeout(timer);
    stopping.removeEventListener("abort", stop);
    await worker.terminate();
  }
}
