/** How far a tournament is: for whoever asks, and as telemetry, at most four times a second. */
import type { Facts } from "@kloros/bus";
import { better, type CandidateResult, type Direction } from "@kloros/experiments";
import type { TournamentRequest } from "../jobs/job.ts";

/** Least time between two telemetry signals of a tournament, in milliseconds. */
const TELL_EVERY_MS = 250;

export class Progress {
  readonly #request: TournamentRequest;
  readonly #tell: (facts: Facts<"Q_TOURNAMENT_PROGRESS">) => void;
  readonly #beganMs = performance.now();
  readonly #running = new Set<string>();
  #direction: Direction = "up";
  #done = 0;
  #failed = 0;
  #best: number | null = null;
  #toldMs = -Infinity;
  #timer: NodeJS.Timeout | undefined;

  constructor(request: TournamentRequest, tell: (facts: Facts<"Q_TOURNAMENT_PROGRESS">) => void) {
    this.#request = request;
    this.#tell = tell;
  }

  /** Takes up what earlier lives have done. */
  resume(results: Iterable<CandidateResult>, direction: Direction): void {
    this.#direction = direction;
    this.#done = 0;
    this.#failed = 0;
    this.#best = null;
    for (const result of results) this.#count(result);
    this.#changed();
  }

  started(candidateId: string): void {
    this.#running.add(candidateId);
  }

  stopped(candidateId: string): void {
    this.#running.delete(candidateId);
  }

  finished(result: CandidateResult): void {
    this.#count(result);
    this.#changed();
  }

  /** Tells what has not been told yet, and nothing after it. */
  close(): void {
    if (!this.#timer) return;
    clearTimeout(this.#timer);
    this.#tellNow();
  }

  facts(): Facts<"Q_TOURNAMENT_PROGRESS"> {
    return {
      tournament_id: this.#request.tournament_id,
      cycle_id: this.#request.cycle_id,
      candidates_done: this.#done,
      candidates_failed: this.#failed,
      candidates_total: this.#request.candidate_count,
      best_fitness: this.#best,
      elapsed_seconds: Math.round(performance.now() - this.#beganMs) / 1_000,
    };
  }

  /** Ids of the candidates that are on trial now. */
  get running(): string[] {
    return [...this.#running];
  }

  #count(result: CandidateResult): void {
    this.#done++;
    if (result.status === "failed") this.#failed++;
    else if (this.#best === null || better(this.#direction, result.fitness, this.#best))
      this.#best = result.fitness;
  }

  #changed(): void {
    if (this.#timer) return;
    const waitMs = this.#toldMs + TELL_EVERY_MS - performance.now();
    if (waitMs <= 0) this.#tellNow();
    else this.#timer = setTimeout(() => this.#tellNow(), waitMs);
  }

  #tellNow(): void {
    this.#timer = undefined;
    this.#toldMs = performance.now();
    this.#tell(this.facts());
  }
}
