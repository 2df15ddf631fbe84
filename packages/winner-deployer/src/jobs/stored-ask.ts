/** A signal that asks for a deployment, as it waits in the state for its decision. */
import type { Envelope } from "@kloros/bus";
import { winnerPath } from "@kloros/experiments";
import type { Ask } from "../decide.ts";

export interface StoredAsk extends Ask {
  readonly cycle_id: string;
  readonly experiment: string | null;
  readonly winner_id: string | null;
  readonly winner_path: string;
}

export function askOfCompletion({ id, correlation_id, facts }: Envelope<"Q_DREAM_COMPLETE">): StoredAsk {
  return {
    asker: { id, correlation_id },
    isRequest: false,
    isRetry: false,
    cycle_id: facts.cycle_id,
    experiment: facts.experiment ?? null,
    winner_id: facts.tournament_winner,
    winner_path: facts.winner_path ?? winnerPath(facts.cycle_id),
  };
}

export function askOfRequest({ id, correlation_id, facts }: Envelope<"Q_DEPLOYMENT_REQUESTED">): StoredAsk {
  return {
    asker: { id, correlation_id },
    isRequest: true,
    isRetry: facts.retry_of !== undefined,
    cycle_id: facts.cycle_id,
    experiment: facts.experiment ?? null,
    winner_id: facts.tournament_winner ?? null,
    winner_path: facts.winner_path ?? winnerPath(facts.cycle_id),
  };
}
