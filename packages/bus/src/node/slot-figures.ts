/** What is going on in all handlers of a node together. */
import type { HandlerSlot, Run } from "./handler-slot.ts";

type Slots = Iterable<HandlerSlot>;

/** Runs of a handler that are not held back by the pause of its signal. */
function atWork({ runs }: HandlerSlot): Run[] {
  return [...runs].filter((run) => run.heldAttempt === null);
}

function sum(slots: Slots, of: (slot: HandlerSlot) => number): number {
  let total = 0;
  for (const slot of slots) total += of(slot);
  return total;
}

/** Signals being handled, or between two attempts; those whose next attempt is held back by a pause do not count. */
export function inFlightOf(slots: Slots): number {
  return sum(slots, (slot) => (slot.isHeld ? atWork(slot).length : slot.runs.size));
}

export function waitingOf(slots: Slots): number {
  return sum(slots, (slot) => slot.lanes.size);
}

/** Age of the oldest run, in milliseconds. */
export function oldestOf(slots: Slots, nowMs: number): number {
  let oldest = 0;
  for (const slot of slots) for (const run of atWork(slot)) oldest = Math.max(oldest, nowMs - run.startedMs);
  return oldest;
}

/** Signals whose handler is paused by a flood of failures. */
export function floodedOf(slots: Slots): string[] {
  return [...slots].filter((slot) => slot.pausedUntilMs !== 0).map((slot) => slot.signal);
}
