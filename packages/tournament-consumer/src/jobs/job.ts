/** A tournament as the durable state holds it, from the request to the outcome. */
import type { Facts } from "@kloros/bus";
import type { StoredDeadline } from "./deadline.ts";

export type TournamentRequest = Facts<"Q_TOURNAMENT_REQUESTED">;

export type Outcome =
  | { readonly signal: "Q_TOURNAMENT_COMPLETE"; readonly facts: Facts<"Q_TOURNAMENT_COMPLETE"> }
  | { readonly signal: "Q_TOURNAMENT_FAILED"; readonly facts: Facts<"Q_TOURNAMENT_FAILED"> };

/** One that waits or runs: `job:<tournament_id>`. */
export interface Job {
  readonly request: TournamentRequest;
  /** Of the signal that asked: cause of the outcome. */
  readonly asked_by: string;
  readonly correlation_id: string;
  /** Position in the queue. */
  readonly order: number;
  /** null: as long as it takes. */
  readonly deadline: StoredDeadline | null;
  /** When it was asked for; for the duration. */
  readonly asked: StoredDeadline;
  /** Whether results of an earlier, failed life of the same tournament have been put away. */
  readonly is_prepared: boolean;
}

/** One that is over: `done:<tournament_id>`. */
export interface Done {
  readonly outcome: Outcome;
  /** Position among those that are over; the oldest are forgotten first. */
  readonly order: number;
}
