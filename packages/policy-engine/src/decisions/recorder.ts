/**
 * Writes decisions into the outbox of the transaction that makes them, so that none is lost and none is told that did not
 * happen (P3). A decision that repeats the last one of its rule and key, for the same reason, is counted instead: a reminder a
 * minute is no line a minute.
 */
import type { Tx } from "@kloros/bus";
import { BoundedMap } from "../memory/bounded-map.ts";
import { type Decision, type Repetition, REPETITION_SCHEMA } from "./decision.ts";

/** What is known of the last decision of a rule and key. */
export interface Last {
  /** What makes another decision a repetition of it. */
  readonly signature: string;
  readonly decision: string;
  readonly outcome: string;
  readonly reason: string;
  readonly signal: string;
  readonly total: number;
  readonly first_at: string;
  readonly last_at: string;
  /** Not told yet. */
  readonly pending: readonly string[];
}

export const OUTBOX_PREFIX = "outbox:";
/** Rules and keys whose last decision is remembered; a forgotten one is told anew. */
const MAX_LAST = 10_000;
/** Repetitions that wait to be told together. */
const MAX_PENDING = 64;

export interface Recorded {
  /** Whether it differs from the last decision of its rule and key. */
  readonly isNew: boolean;
}

export class Recorder {
  readonly #tx: Pick<Tx, "state">;
  readonly #last: BoundedMap<Last>;
  readonly #newId: () => string;
  /** Entries of the outbox that this transaction made. */
  readonly keys: string[] = [];

  constructor(tx: Pick<Tx, "state">, newId: () => string) {
    this.#tx = tx;
    this.#last = new BoundedMap(tx.state, "said", MAX_LAST);
    this.#newId = newId;
  }

  /** @param signature what makes another decision a repetition of this one; null: it never is one */
  record(decision: Decision, signature: string | null): Recorded {
    const place = placeOf(decision);
    const last = this.#last.get(place);
    if (last !== undefined && signature !== null && last.signature === signature) {
      this.#repeat(place, last, decision);
      return { isNew: false };
    }
    if (last !== undefined) this.#tell(place, last);
    this.#write(decision);
    const { id, at, signal } = decision;
    const said = signature ?? `${decision.outcome}/${id}`;
    const forgotten = this.#last.put(place, {
      signature: said,
      decision: id,
      outcome: decision.outcome,
      reason: decision.reason,
      signal: signal.signal,
      total: 0,
      first_at: at,
      last_at: at,
      pending: [],
    });
    if (forgotten !== null) this.#tell(forgotten.key, forgotten.value);
    return { isNew: true };
  }

  /** Tells every repetition that waits. Returns how many lines that made. */
  flush(): number {
    const waiting = this.#last.list("", MAX_LAST).filter(({ value }) => value.pending.length > 0);
    for (const { key, value } of waiting) this.#last.put(key, this.#tell(key, value));
    return waiting.length;
  }

  /** What was said last, by rule and key. */
  last(): { readonly rule: string; readonly key: string; readonly said: Last }[] {
    return this.#last.list("", MAX_LAST).map(({ key: place, value }) => {
      const [rule = "", key = ""] = place.split("\t");
      return { rule, key, said: value };
    });
  }

  #repeat(place: string, last: Last, { at, signal }: Decision): void {
    const first_at = last.pending.length === 0 ? at : last.first_at;
    const pending = [...last.pending, signal.id];
    const next = { ...last, total: last.total + 1, first_at, last_at: at, pending };
    this.#last.put(place, pending.length >= MAX_PENDING ? this.#tell(place, next) : next);
  }

  #tell(place: string, last: Last): Last {
    if (last.pending.length === 0) return last;
    const [rule = "", key = ""] = place.split("\t");
    const { decision, signal, total, first_at, last_at, pending } = last;
    this.#write({
      schema: REPETITION_SCHEMA,
      id: this.#newId(),
      decision,
      rule: rule === "" ? null : rule,
      key: key === "" ? null : key,
      signal,
      count: pending.length,
      total,
      first_at,
      last_at,
      signal_ids: pending,
    });
    return { ...last, pending: [] };
  }

  #write(line: Decision | Repetition): void {
    const key = `${OUTBOX_PREFIX}${this.#newId()}`;
    this.#tx.state.put(key, line);
    this.keys.push(key);
  }
}

function placeOf({ rule, key, signal }: Decision): string {
  return rule === null ? `\t${signal.signal}` : `${rule}\t${key ?? ""}`;
}
