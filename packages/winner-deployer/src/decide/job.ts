/** One deployment as it stands in the daemon's state: all that a start after a crash needs to know. Pure data. */
import type { Failure } from "./failures.ts";

/** Who waits for the outcome: it is emitted once per story. */
export interface Asker {
  readonly id: string;
  readonly correlation_id: string;
}

/** What ran when the deployment began. */
export interface Before {
  /** null: nothing was deployed. */
  readonly version_id: string | null;
  /** SHA-256 over its folder; what a rollback has to bring back. */
  readonly tree_sha256: string | null;
  /** Whether its files were what its own record says. */
  readonly is_intact: boolean;
  /** Whether a folder of the new version's name existed: then it is not ours to remove. */
  readonly version_existed: boolean;
}

/** Measurements made so far; those of a crash are not made again. */
export interface Measured {
  readonly winner: readonly number[];
  /** null in place of what could not be measured; stays empty where there is nothing to compare with. */
  readonly running: readonly (number | null)[];
}

/**
 * How far it is. Each names what is durably done; `undoing` and what follows `proved` are the two ways out.
 */
export type Step =
  "queued" | "staged" | "validated" | "measured" | "installed" | "switched" | "proved" | "undoing";

export interface Job {
  readonly cycle_id: string;
  /** From 1; an operator may ask again for what has failed. */
  readonly attempt: number;
  /** Position in the queue; never a time. */
  readonly order: number;
  readonly experiment: string;
  readonly winner_id: string;
  /** Relative to the home, as the signal named it. */
  readonly winner_path: string;
  readonly askers: readonly Asker[];
  readonly step: Step;
  /** Set when staged. */
  readonly before: Before | null;
  readonly measured: Measured;
  /** Why it is being undone, and how far it was then. */
  readonly failure: Failure | null;
  readonly failed_at: Step | null;
}

export type Result =
  | {
      readonly kind: "deployed";
      readonly previous_version_id: string | null;
      readonly fitness: number | null;
      readonly rollback_available: boolean;
    }
  | {
      readonly kind: "failed";
      readonly failure: Failure;
      readonly rollback_completed: boolean;
    }
  /** Was deployed; an operator has put another version in its place. */
  | { readonly kind: "reverted" };

/** What a signal says of a deployment. `experiment` is null where nothing could be learned of the winner. */
export type Subject = Pick<Job, "cycle_id" | "attempt" | "order" | "winner_id"> & {
  readonly experiment: string | null;
};

/** What is remembered of a deployment that has ended. */
export interface EndedJob {
  readonly job: Subject;
  readonly result: Result;
}
