/**
 * Carries jobs out, outside of handlers, and commits each outcome together with the end of its job (P3). What the state holds at the
 * start is taken up again, after everything that an earlier life left running has been ended.
 */
import type { Node } from "@kloros/bus";
import { killLeftovers } from "@kloros/bounded-process";
import type { Logger } from "@kloros/daemon";
import { failed } from "./decide.ts";
import { type Arena, holdTournament } from "./evaluation/hold-tournament.ts";
import { Progress } from "./evaluation/progress.ts";
import type { Job, Outcome } from "./jobs/job.ts";
import { findJob, finish, listJobs, replaceJob } from "./jobs/job-store.ts";

/** Tournaments held at once; the rest wait. Their candidates share the places of `max_concurrency`. */
const MAX_HELD = 16;
const CANCELLED = new Error("the tournament was cancelled");
const STOPPING = new Error("the daemon stops");

interface Held {
  readonly job: Job;
  readonly progress: Progress;
  readonly abort: AbortController;
  over: Promise<void>;
}

export interface RunnerParts {
  readonly node: Node;
  readonly log: Logger;
  readonly arena: Arena;
  readonly maxWaiting: number;
  readonly rememberedOutcomes: number;
}

export class TournamentRunner {
  readonly counts = { completed: 0, failed: 0, leftovers_killed: 0 };
  readonly #parts: RunnerParts;
  readonly #held = new Map<string, Held>();
  readonly #stopping = new AbortController();
  #isOpen = false;

  constructor(parts: RunnerParts) {
    this.#parts = parts;
  }

  /** Ends what an earlier life left running, then begins. */
  async start(): Promise<void> {
    this.counts.leftovers_killed = await killLeftovers(this.#parts.arena.labelPrefix);
    this.#isOpen = true;
    this.look();
  }

  /** Leaves all tournaments where they are; the next start goes on. */
  async stop(): Promise<void> {
    this.#isOpen = false;
    this.#stopping.abort(STOPPING);
    await Promise.all([...this.#held.values()].map(({ over }) => over));
  }

  /** Begins the jobs that wait, in their order, as far as there is room. */
  look(): void {
    if (!this.#isOpen || this.#held.size >= MAX_HELD) return;
    const { node, maxWaiting } = this.#parts;
    for (const job of listJobs(node.state, maxWaiting)) {
      if (this.#held.size >= MAX_HELD) return;
      if (!this.#held.has(job.request.tournament_id)) this.#begin(job);
    }
  }

  /** What is held now. */
  get held(): readonly { readonly job: Job; readonly progress: Progress }[] {
    return [...this.#held.values()];
  }

  /** Ends a tournament as `Cancelled`. Resolves when that is on disk; false: there is no such tournament. */
  async cancel(tournamentId: string): Promise<boolean> {
    const held = this.#held.get(tournamentId);
    if (held) {
      held.abort.abort(CANCELLED);
      await held.over;
      return true;
    }
    const job = findJob(this.#parts.node.state, tournamentId);
    if (!job) return false;
    await this.#commit(job, cancelled(job));
    return true;
  }

  #begin(job: Job): void {
    const { node } = this.#parts;
    const progress = new Progress(job.request, (facts) => {
      node.emit("Q_TOURNAMENT_PROGRESS", facts, causeOf(job)).catch((err: unknown) => {
        this.#parts.log.debug({ err }, "Progress could not be told");
      });
    });
    const held: Held = { job, progress, abort: new AbortController(), over: Promise.resolve() };
    this.#held.set(job.request.tournament_id, held);
    held.over = this.#carryOut(held);
  }

  async #carryOut({ job, progress, abort }: Held): Promise<void> {
    const { log } = this.#parts;
    const signal = AbortSignal.any([abort.signal, this.#stopping.signal]);
    try {
      const outcome = await this.#outcome(job, progress, signal);
      progress.close();
      if (outcome) await this.#commit(job, outcome);
    } catch (err) {
      // The outcome could not be committed for another reason than space: the job stays, the next start takes it up (P6).
      if (err !== STOPPING)
        log.error({ err, tournament_id: job.request.tournament_id }, "Tournament left undone");
    } finally {
      this.#held.delete(job.request.tournament_id);
      this.look();
    }
  }

  /** Undefined: the daemon stops. */
  async #outcome(job: Job, progress: Progress, signal: AbortSignal): Promise<Outcome | undefined> {
    const { node, log, arena } = this.#parts;
    const prepared = async (): Promise<void> => {
      await node.transact(({ state }) => replaceJob(state, { ...job, is_prepared: true }));
    };
    try {
      return await arena.space.whenThereIsSpace(
        () => holdTournament(arena, job, progress, signal, prepared),
        signal,
      );
    } catch (cause) {
      if (this.#stopping.signal.aborted) return undefined;
      if (signal.aborted) return cancelled(job);
      const isStorage =
        (cause as NodeJS.ErrnoException).syscall !== undefined || "errno" in (cause as object);
      log.error({ err: cause, tournament_id: job.request.tournament_id }, "Tournament broke off");
      return failed(job.request, isStorage ? "StorageFailed" : "InternalError", (cause as Error).message);
    }
  }

  async #commit(job: Job, outcome: Outcome): Promise<void> {
    const { node, arena, rememberedOutcomes } = this.#parts;
    const { tournament_id } = job.request;
    const isOver = await arena.space.whenThereIsSpace(
      () =>
        node.transact((tx) => {
          if (!findJob(tx.state, tournament_id)) return false;
          finish(tx.state, job, outcome, rememberedOutcomes);
          if (outcome.signal === "Q_TOURNAMENT_COMPLETE")
            tx.emit(outcome.signal, outcome.facts, causeOf(job));
          else tx.emit(outcome.signal, outcome.facts, causeOf(job));
          return true;
        }),
      this.#stopping.signal,
    );
    if (isOver) this.counts[outcome.signal === "Q_TOURNAMENT_COMPLETE" ? "completed" : "failed"]++;
  }
}

function causeOf({ asked_by, correlation_id }: Job) {
  return { correlation_id, causation_id: asked_by };
}

function cancelled(job: Job): Outcome {
  return failed(job.request, "Cancelled", "an operator has cancelled the tournament");
}
