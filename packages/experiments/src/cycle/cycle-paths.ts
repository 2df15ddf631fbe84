/** Where a cycle and its parts lie: the one place that says so, for every daemon and command. */
import { join } from "node:path";

export interface CyclePaths {
  /** `dream_lab/cycles/<cycle_id>`. */
  readonly folder: string;
  /** What the cycle was started with: the effective experiment, the promotions, the seed. */
  readonly cycle: string;
  /** Written when the cycle has ended, however. */
  readonly summary: string;
  readonly picture: string;
  readonly candidates: (tournament: string) => string;
  readonly results: (tournament: string) => string;
  /** Working folder of one candidate. */
  readonly work: (candidateId: string) => string;
}

export function cyclePaths(home: string, cycleId: string): CyclePaths {
  const folder = join(home, "dream_lab", "cycles", cycleId);
  return {
    folder,
    cycle: join(folder, "cycle.json"),
    summary: join(folder, "summary.json"),
    picture: join(folder, "fitness.svg"),
    candidates: (tournament) => join(folder, "generations", `${tournament}.candidates.jsonl`),
    results: (tournament) => join(folder, "generations", `${tournament}.results.jsonl`),
    work: (candidateId) => join(folder, "work", candidateId),
  };
}

/** Name of a generation's files: `g000`; the comparison with what is deployed is `confirm`. */
export function tournamentName(generation: number): string {
  return `g${String(generation).padStart(3, "0")}`;
}

/** The winner's record, relative to the home, as `Q_DREAM_COMPLETE` names it. */
export function winnerPath(cycleId: string): string {
  return join("dream_lab", "winners", `${cycleId}.json`);
}
