/** What the steps of a cycle share. A step reads and writes files, idempotently; its report is applied by the runner. */
import type { CycleRecord } from "@kloros/experiments";
import type { CycleEvent, CycleState, Plan } from "../decide/cycle-state.ts";
import type { StepLeavings } from "../durable/cycle-store.ts";
import type { GenerationDesk } from "../generation/generation-desk.ts";
import { CycleFileError } from "./obstacle.ts";

/** Where and with what steps work. */
export interface Workshop {
  readonly home: string;
  readonly workspace: string;
  readonly desk: GenerationDesk;
  readonly log: StepLog;
}

export interface StepLog {
  info(data: object, message: string): void;
  warn(data: object, message: string): void;
}

/** What a step is given about its cycle. */
export interface StepInput {
  readonly state: CycleState;
  /** The cycle's own snapshot; null while it is being prepared. */
  readonly record: CycleRecord | null;
  /** The search's memory as JSON; null: it has not begun. */
  readonly search: string | null;
  /** Aborted when the daemon stops. */
  readonly stopping: AbortSignal;
}

export interface StepReport extends StepLeavings {
  readonly event: CycleEvent;
}

/** The snapshot and plan of a cycle that is prepared. */
export function prepared({ state, record }: StepInput): {
  readonly record: CycleRecord;
  readonly plan: Plan;
} {
  if (record === null || state.plan === null)
    throw new CycleFileError(`dream_lab/cycles/${state.cycle_id}/cycle.json is missing or damaged`);
  return { record, plan: state.plan };
}
