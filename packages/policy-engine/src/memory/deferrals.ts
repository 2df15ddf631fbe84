/**
 * Decisions that wait for a gate: one for each rule and slot. The signals they are about lie beside them, once each, so that
 * looking through what waits never loads a megabyte. Pure: the state is passed in.
 */
import type { Envelope, TxState } from "@kloros/bus";
import type { GateName } from "../gates/gate.ts";
import type { Trigger } from "../rules/trigger.ts";

export interface Deferral {
  readonly rule: string;
  /** Together with the rule, which deferral it is. */
  readonly slot: string;
  /** What the gates count by. */
  readonly key: string;
  /** Position of the item in the rule's `for_each`. */
  readonly item: number;
  /** Signal that it is to be decided on, when there are no fresher facts. */
  readonly signal_id: string;
  /** What would be emitted, and the value of its match field: enough to ask the gates. */
  readonly emits: string;
  readonly match: unknown;
  readonly gate: GateName;
  readonly reason: string;
  /** RFC 3339, UTC. */
  readonly since: string;
  readonly sinceMs: number;
  readonly notBeforeMs: number | null;
  /** The decision that deferred it. */
  readonly decision_id: string;
}

export interface DeferredSignal {
  readonly signal: Envelope;
  readonly trigger: Trigger | null;
}

/** A question for fresh facts that is under way. */
export interface Asked {
  readonly scan_id: string;
  readonly untilMs: number;
}

const PREFIX = "deferred:";

export class Deferrals {
  readonly #state: TxState;
  readonly #limit: number;

  constructor(state: TxState, limit: number) {
    this.#state = state;
    this.#limit = limit;
  }

  get limit(): number {
    return this.#limit;
  }

  all(): Deferral[] {
    return this.#state.list<Deferral>(PREFIX, this.#limit).map(({ value }) => value);
  }

  of(rule: string): Deferral[] {
    return this.#state.list<Deferral>(`${PREFIX}${rule}\t`, this.#limit).map(({ value }) => value);
  }

  get(rule: string, slot: string): Deferral | undefined {
    return this.#state.get<Deferral>(keyOf(rule, slot));
  }

  any(): boolean {
    return this.#state.list(PREFIX, 1).length > 0;
  }

  isFull(): boolean {
    return this.all().length >= this.#limit;
  }

  put(deferral: Deferral, about: DeferredSignal): void {
    const before = this.get(deferral.rule, deferral.slot);
    this.#state.put(keyOf(deferral.rule, deferral.slot), deferral);
    this.#state.put(signalKey(deferral.signal_id), about);
    if (before !== undefined && before.signal_id !== deferral.signal_id) this.#forgetSignal(before.signal_id);
  }

  /** Changes what is told of it, not what it is about. */
  update(deferral: Deferral): void {
    this.#state.put(keyOf(deferral.rule, deferral.slot), deferral);
  }

  about({ signal_id }: Deferral): DeferredSignal | undefined {
    return this.#state.get<DeferredSignal>(signalKey(signal_id));
  }

  delete({ rule, slot, signal_id }: Deferral): void {
    this.#state.delete(keyOf(rule, slot));
    this.#forgetSignal(signal_id);
  }

  asked(rule: string): Asked | undefined {
    return this.#state.get<Asked>(`asked:${rule}`);
  }

  ask(rule: string, asked: Asked): void {
    this.#state.put(`asked:${rule}`, asked);
  }

  answered(rule: string): void {
    if (this.asked(rule) !== undefined) this.#state.delete(`asked:${rule}`);
  }

  #forgetSignal(id: string): void {
    if (!this.all().some(({ signal_id }) => signal_id === id)) this.#state.delete(signalKey(id));
  }
}

function keyOf(rule: string, slot: string): string {
  return `${PREFIX}${rule}\t${slot}`;
}

function signalKey(id: string): string {
  return `deferred.signal:${id}`;
}
