/**
 * Running cycles in the daemon's durable state: each event is applied in one transaction with what is emitted because of it
 * (P3). One cycle per experiment: the lease is taken with the cycle's first state and given back with its last.
 */
import type { StateReader, Tx } from "@kloros/bus";
import type { CycleSummary } from "@kloros/experiments";
import type { CycleEvent, CycleState, Moment } from "../decide/cycle-state.ts";
import type { Emission } from "../decide/emissions.ts";
import type { Trigger } from "../decide/trigger.ts";
import { type Beginning, newCycle, transition, type Transition } from "../decide.ts";
import { type ClockMark, elapsedMs, type MachineClock, renewed, startMark } from "./machine-clock.ts";
import type { RootMemory } from "./root-memory.ts";

export interface StoredCycle {
  readonly state: CycleState;
  readonly clock: ClockMark;
}

/** What a step leaves besides its event, stored only if the event counts. */
export interface StepLeavings {
  readonly search?: string;
  readonly summary?: CycleSummary;
}

const CYCLES = "cycle:";
const FINISHED = "finished-cycles";
const LAST = "last-summary";
/** The last trigger that ended without a cycle, until a cycle has ended: `refusals.ts`. */
export const LAST_REFUSAL = "last-refusal";
/** Finished cycles whose order is known; more folders than that nobody keeps. */
const MAX_FINISHED = 10_000;

export class CycleStore {
  readonly #clock: MachineClock;
  readonly #roots: RootMemory;

  constructor(clock: MachineClock, roots: RootMemory) {
    this.#clock = clock;
    this.#roots = roots;
  }

  running(state: StateReader): StoredCycle[] {
    return state.list<StoredCycle>(CYCLES).map(({ value }) => value);
  }

  get(state: StateReader, cycleId: string): StoredCycle | undefined {
    return state.get<StoredCycle>(CYCLES + cycleId);
  }

  /** Its search's memory as JSON; null: it has not begun. */
  search(state: StateReader, cycleId: string): string | null {
    return state.get<string>(searchKey(cycleId)) ?? null;
  }

  last(state: StateReader): CycleSummary | null {
    return state.get<CycleSummary>(LAST) ?? null;
  }

  /** Ids of finished cycles, oldest first. */
  finished(state: StateReader): readonly string[] {
    return state.get<string[]>(FINISHED) ?? [];
  }

  moment({ clock }: StoredCycle): Moment {
    return { elapsedMs: elapsedMs(clock, this.#clock), wallMs: this.#clock.wallMs() };
  }

  /** Takes the lease and begins; false: another cycle of the experiment runs. */
  begin(tx: Tx, beginning: Omit<Beginning, "ordinal" | "started_at">): boolean {
    const { cycle_id, experiment, trigger } = beginning;
    if (tx.state.get(leaseKey(experiment)) !== undefined) return false;
    const ordinal = tx.state.get<number>(ordinalKey(experiment)) ?? 0;
    const started_at = new Date(this.#clock.wallMs()).toISOString();
    const state = newCycle({ ...beginning, ordinal, started_at });
    tx.state.put(leaseKey(experiment), cycle_id);
    tx.state.put(ordinalKey(experiment), ordinal + 1);
    tx.state.put(CYCLES + cycle_id, { state, clock: startMark(this.#clock) } satisfies StoredCycle);
    this.#stand(tx, trigger, cycle_id, "running");
    return true;
  }

  /** Applies what happened; undefined: no such cycle runs. */
  apply(tx: Tx, cycleId: string, event: CycleEvent, leavings: StepLeavings = {}): Transition | undefined {
    const stored = this.get(tx.state, cycleId);
    if (stored === undefined) return undefined;
    const result = transition(stored.state, event, this.moment(stored));
    if (result.kind === "ignored") return result;
    const { trigger, experiment } = stored.state;
    if (result.emission !== null) emit(tx, trigger, result.emission);
    if (result.kind === "next") {
      const next: StoredCycle = { state: result.state, clock: renewed(stored.clock, this.#clock) };
      tx.state.put(CYCLES + cycleId, next);
      if (leavings.search !== undefined) tx.state.put(searchKey(cycleId), leavings.search);
      return result;
    }
    tx.state.delete(CYCLES + cycleId);
    tx.state.delete(searchKey(cycleId));
    tx.state.delete(leaseKey(experiment));
    tx.state.delete(LAST_REFUSAL);
    tx.state.put(FINISHED, [...this.finished(tx.state), cycleId].slice(-MAX_FINISHED));
    if (leavings.summary !== undefined) tx.state.put(LAST, leavings.summary);
    this.#stand(tx, trigger, cycleId, result.outcome.kind === "won" ? "completed" : "failed");
    return result;
  }

  #stand(
    tx: Tx,
    { root_id, trigger_id, attempt }: Trigger,
    cycle_id: string,
    standing: "running" | "completed" | "failed",
  ): void {
    this.#roots.put(tx.state, root_id, { cycle_id, attempt, trigger_id, standing });
  }
}

/** Emitted as part of the trigger's story, caused by it. */
export function emit(tx: Tx, { trigger_id, correlation_id }: Trigger, emission: Emission): void {
  const cause = { correlation_id, causation_id: trigger_id };
  // One call each: the facts' type goes with the name.
  switch (emission.signal) {
    case "Q_TOURNAMENT_REQUESTED":
      tx.emit(emission.signal, emission.facts, cause);
      return;
    case "Q_DREAM_COMPLETE":
      tx.emit(emission.signal, emission.facts, cause);
      return;
    case "Q_DREAM_FAILED":
      tx.emit(emission.signal, emission.facts, cause);
  }
}

function searchKey(cycleId: string): string {
  return `search:${cycleId}`;
}

function leaseKey(experiment: string): string {
  return `lease:${experiment}`;
}

function ordinalKey(experiment: string): string {
  return `ordinal:${experiment}`;
}
