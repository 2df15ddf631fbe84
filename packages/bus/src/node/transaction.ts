/** A transaction in the making: collects state changes, emissions and dead letters; nothing happens until it is submitted (P3). */
import type { Facts, SignalName } from "../signal/envelope.ts";
import type { EmitOptions, HandlerTx, TxState } from "./api.ts";
import type { LetterInput } from "./dead-letter.ts";
import type { Cause, EmissionFactory } from "./emission-factory.ts";
import { TransactionOverError } from "./errors.ts";
import { checkedStateKey, stateJson, type StateStore } from "./state-store.ts";
import type { Emission } from "./unit.ts";

export interface TransactionParts {
  readonly store: StateStore;
  readonly factory: EmissionFactory;
}

export class Transaction implements HandlerTx, TxState {
  readonly attempt: number;
  // Made when first needed: most transactions of a busy consumer change little or nothing.
  #emissions: Emission[] | null = null;
  #writes: Map<string, string | undefined> | null = null;
  #letters: LetterInput[] | null = null;
  #effects: (() => void | Promise<void>)[] | null = null;
  readonly #parts: TransactionParts;
  readonly #cause: Cause | null;
  readonly #openedAt: number;
  #readKeys: Set<string> | null = null;
  #readPrefixes: string[] | null = null;
  #abort: AbortController | null = null;
  #abortReason: Error | null = null;
  #over = false;

  constructor(parts: TransactionParts, cause: Cause | null, attempt: number) {
    this.#parts = parts;
    this.#cause = cause;
    this.attempt = attempt;
    this.#openedAt = parts.store.openReader();
  }

  get emissions(): readonly Emission[] {
    return this.#emissions ?? [];
  }
  get writes(): ReadonlyMap<string, string | undefined> | null {
    return this.#writes;
  }
  get letters(): readonly LetterInput[] {
    return this.#letters ?? [];
  }
  get effects(): readonly (() => void | Promise<void>)[] {
    return this.#effects ?? [];
  }
  /** It changes nothing. */
  get empty(): boolean {
    return (
      this.#emissions === null && this.#writes === null && this.#letters === null && this.#effects === null
    );
  }

  get state(): TxState {
    return this;
  }

  /** Made only when asked for: most handlers are over before anything could abort them. */
  get abortSignal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#abortReason !== null) this.#abort.abort(this.#abortReason);
    return this.#abort.signal;
  }

  get<T = unknown>(key: string): T | undefined {
    this.#check();
    if (this.#writes?.has(key) === true) {
      const json = this.#writes.get(key);
      return json === undefined ? undefined : (JSON.parse(json) as T);
    }
    (this.#readKeys ??= new Set()).add(key);
    return this.#parts.store.get<T>(key);
  }

  list<T = unknown>(prefix: string, limit = 1_000): { key: string; value: T }[] {
    this.#check();
    (this.#readPrefixes ??= []).push(prefix);
    return this.#parts.store.listWith<T>(prefix, limit, this.#writes);
  }

  put(key: string, value: unknown): void {
    this.#check();
    (this.#writes ??= new Map<string, string | undefined>()).set(checkedStateKey(key), stateJson(key, value));
  }

  delete(key: string): void {
    this.#check();
    (this.#writes ??= new Map<string, string | undefined>()).set(checkedStateKey(key), undefined);
  }

  emit<N extends SignalName>(signal: N, facts: Facts<N>, options?: EmitOptions): string {
    this.#check();
    const own =
      options?.id === undefined ? undefined : this.#emissions?.find((emission) => emission.id === options.id);
    const prepared = this.#parts.factory.prepare(signal, facts, options, this.#cause);
    if (prepared.kind === "known") return prepared.receipt.id;
    if (own !== undefined) return own.id;
    // Another transaction is about to emit the same: whoever comes to disk first takes it along, should the other fail.
    if (prepared.kind === "pending") prepared.emission.holders++;
    (this.#emissions ??= []).push(prepared.emission);
    return prepared.emission.id;
  }

  deadLetter(letter: LetterInput): void {
    this.#check();
    (this.#letters ??= []).push(letter);
  }

  afterCommit(effect: () => void | Promise<void>): void {
    this.#check();
    (this.#effects ??= []).push(effect);
  }

  #check(): void {
    if (this.#over) throw new TransactionOverError();
  }

  get over(): boolean {
    return this.#over;
  }

  /** Something it read has been changed since by another transaction. */
  get stale(): boolean {
    if (this.#readKeys === null && this.#readPrefixes === null) return false;
    return this.#parts.store.changedSince(
      this.#openedAt,
      this.#readKeys ?? NO_KEYS,
      this.#readPrefixes ?? [],
    );
  }

  /** No more changes; what it holds is either submitted by the caller or forgotten. */
  end(): void {
    if (this.#over) return;
    this.#over = true;
    this.#parts.store.closeReader(this.#openedAt);
  }

  /** Ends it, and tells the handler that still runs. */
  abandon(reason: Error): void {
    this.#abortReason = reason;
    this.#abort?.abort(reason);
    this.forget();
    this.end();
  }

  /** Its emissions will not happen: their ids are free again. */
  forget(): void {
    for (const emission of this.#emissions ?? []) this.#parts.factory.dropped(emission);
  }
}

const NO_KEYS: ReadonlySet<string> = new Set();
