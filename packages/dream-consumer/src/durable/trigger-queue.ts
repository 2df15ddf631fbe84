/** Triggers that wait for their turn, first come, first served; in the daemon's durable state. */
import type { StateReader, TxState } from "@kloros/bus";
import type { QueuedTrigger } from "../decide/admission.ts";

const PREFIX = "queue:";
const COUNTER = "queue-next";
const NUMBER_DIGITS = 12;
/** More than `max_queued` may ever be. */
const MAX_LISTED = 2_000;

export interface Place {
  readonly key: string;
  readonly queued: QueuedTrigger;
}

export function enqueue(state: TxState, queued: QueuedTrigger): void {
  const next = state.get<number>(COUNTER) ?? 0;
  state.put(PREFIX + String(next).padStart(NUMBER_DIGITS, "0"), queued);
  state.put(COUNTER, next + 1);
}

/** In their order. */
export function queueOf(state: StateReader): Place[] {
  return state.list<QueuedTrigger>(PREFIX, MAX_LISTED).map(({ key, value }) => ({ key, queued: value }));
}
