/**
 * Carries out what was asked, outside of handlers: the deployments of one experiment one after the other, those of
 * different experiments side by side, at most `max_parallel`. What was under way when the daemon ended goes on at its start.
 */
import type { EndedJob, Job } from "../decide.ts";
import { carryOut } from "./carry-out.ts";
import type { Office } from "./office.ts";
import { takeAsks } from "./take-asks.ts";

export class Runner {
  readonly #office: Office;
  /** What works on an experiment at present, deployment or rollback. */
  readonly #lanes = new Map<string, Promise<unknown>>();
  readonly counts = { deployed: 0, failed: 0 };
  #pumping: Promise<void> | undefined;
  #isWanted = false;
  #isStopped = true;

  constructor(office: Office) {
    this.#office = office;
  }

  start(): void {
    this.#isStopped = false;
    this.kick();
  }

  /** Resolves when nothing works any more. What was cut off goes on at the next start. */
  async stop(): Promise<void> {
    this.#isStopped = true;
    await this.#pumping;
    await Promise.allSettled(this.#lanes.values());
  }

  /** Something was asked for, or has ended: look again. */
  kick(): void {
    this.#isWanted = true;
    if (this.#isStopped) return;
    this.#pumping ??= this.#pump()
      .catch((error: unknown) => this.#crash(error))
      .finally(() => {
        this.#pumping = undefined;
        if (this.#isWanted) this.kick();
      });
  }

  isBusy(experiment: string): boolean {
    return (
      this.#lanes.has(experiment) || this.#office.book.live().some((job) => job.experiment === experiment)
    );
  }

  /** Runs `work` as the only one on the experiment; the caller has seen that it is not busy. */
  async alone<T>(experiment: string, work: () => Promise<T>): Promise<T> {
    const running = work();
    this.#lanes.set(experiment, running);
    try {
      return await running;
    } finally {
      this.#lanes.delete(experiment);
      this.kick();
    }
  }

  async #pump(): Promise<void> {
    while (this.#isWanted && !this.#isStopped) {
      this.#isWanted = false;
      await takeAsks(this.#office);
      for (const job of this.#office.book.live()) {
        if (this.#lanes.size >= this.#office.place.config.max_parallel) break;
        if (!this.#lanes.has(job.experiment)) this.#begin(job);
      }
    }
  }

  #begin(job: Job): void {
    const { log } = this.#office.place;
    log.info({ cycle_id: job.cycle_id, experiment: job.experiment, step: job.step }, "Deployment goes on");
    const running = carryOut(job, this.#office)
      .then((ended) => this.#note(ended))
      .catch((error: unknown) => this.#crash(error))
      .finally(() => {
        this.#lanes.delete(job.experiment);
        this.kick();
      });
    this.#lanes.set(job.experiment, running);
  }

  #note({ job, result }: EndedJob): void {
    const { log } = this.#office.place;
    if (result.kind === "deployed") this.counts.deployed++;
    if (result.kind === "failed") this.counts.failed++;
    log.info({ cycle_id: job.cycle_id, experiment: job.experiment, result }, "Deployment has ended");
  }

  /** P6: what no step has an answer to is a crash; the supervisor starts anew from what is durable. */
  #crash(error: unknown): void {
    if (this.#isStopped || this.#office.place.stopping.aborted) return;
    queueMicrotask(() => {
      throw error;
    });
  }
}
