/**
 * Triggers that end without a cycle: told as `Q_DREAM_FAILED`, and remembered until a cycle has ended, since such an end leaves
 * no folder to look into.
 */
import type { Facts, StateReader, Tx } from "@kloros/bus";
import { type Failed, refusalFacts } from "../decide/outcome.ts";
import type { Trigger } from "../decide/trigger.ts";
import { emit, LAST_REFUSAL } from "./cycle-store.ts";

/** The facts of the signal that told of it. */
export type Refusal = Facts<"Q_DREAM_FAILED">;

/** Emits and remembers; part of the caller's transaction (P3). */
export function refuse(tx: Tx, trigger: Trigger, cycle_id: string, failure: Failed): void {
  const facts = refusalFacts(cycle_id, trigger.topic, failure);
  emit(tx, trigger, { signal: "Q_DREAM_FAILED", facts });
  tx.state.put(LAST_REFUSAL, facts);
}

/** The last one since a cycle has ended; null: none. */
export function lastRefusal(state: StateReader): Refusal | null {
  return state.get<Refusal>(LAST_REFUSAL) ?? null;
}
