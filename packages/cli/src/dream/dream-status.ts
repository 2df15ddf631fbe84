/** The dream consumer's answer to `dream:status`. */
import { join } from "node:path";
import type { Facts } from "@kloros/bus";
import { askDaemon, DaemonUnreachableError, EventError } from "@kloros/client";
import type { CycleSummary } from "@kloros/experiments";
import { answerNo, unreachable } from "../program/errors.ts";

export interface DreamStatus {
  readonly running: readonly RunningCycle[];
  readonly queued: readonly QueuedCycle[];
  /** How the cycle before ended; null when there was none. */
  readonly last: CycleSummary | null;
  /** The last trigger since then that ended without a cycle. */
  readonly refused: Facts<"Q_DREAM_FAILED"> | null;
}

export interface RunningCycle {
  readonly cycle_id: string;
  readonly experiment: string;
  readonly topic: string | null;
  readonly phase: string;
  /** Counted from 0. */
  readonly generation: number;
  readonly generations_max: number | null;
  /** Of the generation at work. */
  readonly candidates_done: number;
  readonly candidates_total: number;
  readonly best_fitness: number | null;
  readonly started_at: string;
  readonly elapsed_seconds: number;
  readonly budget_seconds: number | null;
}

export interface QueuedCycle {
  readonly cycle_id: string;
  readonly trigger_id: string;
  readonly topic: string | null;
  readonly experiment: string | null;
}

/** The daemon promises an answer within 100 ms, also while a cycle runs; this is for a machine on its knees. */
const ANSWER_MS = 5_000;

/** @throws {CommandError} 69: nobody answers */
export async function askDreamStatus(home: string): Promise<DreamStatus> {
  return askDreamConsumer<DreamStatus>(home, "dream:status", {});
}

/** @throws {CommandError} 69: nobody answers; 1: it refuses, and says why */
export async function askDreamConsumer<T>(home: string, event: string, data: object): Promise<T> {
  const socket = join(home, "run", "dream_consumer_daemon.sock");
  try {
    return await askDaemon<T>(socket, event, data, { timeoutMs: ANSWER_MS });
  } catch (cause) {
    if (cause instanceof EventError) throw answerNo(cause.message, { cause });
    if (!(cause instanceof DaemonUnreachableError)) throw cause;
    throw unreachable(
      `dream_consumer_daemon does not answer on ${home}; start the mesh with: kloros up --home ${home}`,
      { cause },
    );
  }
}
