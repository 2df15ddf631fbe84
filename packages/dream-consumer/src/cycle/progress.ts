/** How far running cycles are: what tournaments tell, kept in memory, and passed on as telemetry at most twice a second. */
import type { Facts } from "@kloros/bus";
import { better } from "@kloros/experiments";
import type { CycleState, Phase } from "../decide/cycle-state.ts";
import { tournamentId } from "../decide/emissions.ts";

/** Least time between two `Q_DREAM_PROGRESS` of one cycle, in milliseconds. */
const INTERVAL_MS = 500;

const WORDS: Readonly<Record<Phase, Facts<"Q_DREAM_PROGRESS">["phase"]>> = {
  preparing: "preparing",
  proposing: "mutating",
  evaluating: "evaluating",
  judging: "selecting",
  resting: "selecting",
  calling: "selecting",
  confirming: "evaluating",
  weighing: "selecting",
  finishing: "finishing",
};

interface Seen {
  readonly tournament_id: string;
  readonly done: number;
  readonly total: number;
  readonly best: number | null;
}

export interface CycleProgress {
  readonly candidates_done: number;
  readonly candidates_total: number;
  readonly best_fitness: number | null;
}

export class ProgressBoard {
  readonly #seen = new Map<string, Seen>();
  readonly #toldAtMs = new Map<string, number>();

  /** What a tournament tells; false: it is not the one that the cycle waits for. */
  note(state: CycleState, facts: Facts<"Q_TOURNAMENT_PROGRESS">): boolean {
    if (STEPS_THAT_WAIT.includes(state.phase) && facts.tournament_id === tournamentId(state)) {
      const { tournament_id, candidates_done: done, candidates_total: total, best_fitness = null } = facts;
      this.#seen.set(state.cycle_id, { tournament_id, done, total, best: best_fitness });
      return true;
    }
    return false;
  }

  of(state: CycleState): CycleProgress {
    const seen = this.#seen.get(state.cycle_id);
    const isCurrent = seen?.tournament_id === tournamentId(state) && STEPS_THAT_WAIT.includes(state.phase);
    const best = state.best?.fitness ?? null;
    const total = state.phase === "confirming" ? (state.incumbent === null ? 1 : 2) : state.generation_size;
    if (!isCurrent) {
      const done = STEPS_THAT_WAIT.includes(state.phase) ? 0 : total;
      return { candidates_done: done, candidates_total: total, best_fitness: best };
    }
    return {
      candidates_done: seen.done,
      candidates_total: seen.total,
      // The final comparison also measures what is in use: its best is not the search's.
      best_fitness: state.phase === "confirming" ? best : bestOf(state, best, seen.best),
    };
  }

  /** The facts to tell now, or null: it is too soon. */
  tell(state: CycleState, elapsedMs: number, nowMs: number): Facts<"Q_DREAM_PROGRESS"> | null {
    const toldAtMs = this.#toldAtMs.get(state.cycle_id) ?? -Infinity;
    if (nowMs - toldAtMs < INTERVAL_MS) return null;
    this.#toldAtMs.set(state.cycle_id, nowMs);
    return {
      cycle_id: state.cycle_id,
      phase: WORDS[state.phase],
      generation: state.generation,
      elapsed_seconds: Math.round(elapsedMs) / 1_000,
      ...this.of(state),
    };
  }

  forget(cycleId: string): void {
    this.#seen.delete(cycleId);
    this.#toldAtMs.delete(cycleId);
  }
}

const STEPS_THAT_WAIT: readonly Phase[] = ["evaluating", "confirming"];

function bestOf({ plan }: CycleState, known: number | null, seen: number | null): number | null {
  if (known === null || seen === null || plan === null) return known ?? seen;
  return better(plan.direction, seen, known) ? seen : known;
}
