/**
 * Asks the tournament consumer to end a tournament whose cycle was cancelled: its candidates would disturb what the next cycle
 * measures. A courtesy, not a promise: a tournament that nobody could be told of ends by its deadline, and its answer is ignored.
 */
import { join } from "node:path";
import { askDaemon } from "@kloros/client";
import type { CycleState } from "../decide/cycle-state.ts";
import { tournamentId } from "../decide/emissions.ts";

/** Time for the answer, which comes when its processes are gone, in milliseconds. */
const ANSWER_MS = 10_000;

interface CallOffPlace {
  readonly home: string;
  readonly log: { info(data: object, message: string): void };
}

/** Never throws. `state`: the cycle's last one before it was cancelled. */
export async function callOff({ home, log }: CallOffPlace, state: CycleState): Promise<void> {
  if (state.phase !== "evaluating" && state.phase !== "confirming") return;
  const tournament_id = tournamentId(state);
  const socket = join(home, "run", "tournament_consumer_daemon.sock");
  try {
    await askDaemon(socket, "tournament:cancel", { tournament_id }, { timeoutMs: ANSWER_MS });
  } catch (err) {
    log.info({ err, tournament_id }, "Tournament of a cancelled cycle could not be called off");
  }
}
