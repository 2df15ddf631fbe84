/**
 * What has been routed lately, in the daemon's durable state: the memory that makes a repetition a duplicate and a restart
 * harmless. An entry is written in the transaction that emits the signal (P3), so there is never one without the other.
 *
 * L1 A file whose own entry exists is never routed again, however old the entry is: only its removal is missing.
 * L2 An entry is dropped only when its hour is over (or the cap is reached) and its file is known to be gone.
 * L3 Entries from the future (the clock was set back) count like old ones once they are further away than the window.
 *
 * Keys: `routed:<h|i>:<sha256>` → entry; `routed_order:<n>` → the key, in the order of routing; `routed_range` → {first, next}.
 */
import type { StateReader, TxState } from "@kloros/bus";
import type { Routed } from "../intent/rules.ts";
import { isSameFile, type FileIdentity } from "./file-identity.ts";
import type { RawName } from "./raw-name.ts";

export interface RoutedEntry {
  readonly file: FileIdentity;
  readonly name: RawName;
  /** Id of the signal that was emitted. */
  readonly signal_id: string;
  readonly content_hash: string;
  /** When it was routed, in milliseconds since the epoch. */
  readonly at: number;
  /** Its place in the order of routing. */
  readonly order: number;
}

/** How a file stands to what was routed before. */
export type Standing =
  | { readonly kind: "new" }
  | { readonly kind: "unfinished"; readonly entry: RoutedEntry }
  | { readonly kind: "duplicate" | "id_reused"; readonly entry: RoutedEntry };

interface Range {
  readonly first: number;
  readonly next: number;
}

export interface LedgerOptions {
  /** How long a content counts as already routed, in milliseconds. */
  readonly windowMs: number;
  /** Most entries kept; beyond it the oldest go, whatever their age. */
  readonly maxEntries: number;
  readonly sha256: (text: string) => string;
}

/** Entries looked at in one pruning; keeps the transaction short. */
export const PRUNE_CHUNK = 1000;
/** Removals remembered of this life; a file that took the same inode within one clock tick is among the last. */
const MAX_REMEMBERED = 10_000;

export class RoutedLedger {
  readonly #state: StateReader;
  readonly #options: LedgerOptions;
  /** Keys whose file may still be in the folder; L2. */
  readonly #held = new Set<string>();
  /** Keys whose file this process has removed: the same identity again is another file. */
  readonly #removed = new Set<string>();

  constructor(state: StateReader, options: LedgerOptions) {
    this.#state = state;
    this.#options = options;
  }

  keyOf(routed: Pick<Routed, "content_id" | "content_hash">): string {
    const own = routed.content_id !== routed.content_hash;
    return own ? `routed:i:${this.#options.sha256(routed.content_id)}` : `routed:h:${routed.content_hash}`;
  }

  entryOf(routed: Routed): RoutedEntry | undefined {
    return this.#state.get<RoutedEntry>(this.keyOf(routed));
  }

  /** How the file stands to what was routed, all transactions so far included. */
  standing(routed: Routed, name: RawName, file: FileIdentity, nowMs: number): Standing {
    const key = this.keyOf(routed);
    const entry = this.#state.get<RoutedEntry>(key);
    if (entry === undefined) return { kind: "new" };
    const itself = entry.name === name && isSameFile(entry.file, file) && !this.#removed.has(key);
    if (itself && entry.content_hash === routed.content_hash) return { kind: "unfinished", entry }; // L1
    if (Math.abs(nowMs - entry.at) >= this.#options.windowMs && !this.#held.has(key)) return { kind: "new" }; // L3
    return { kind: entry.content_hash === routed.content_hash ? "duplicate" : "id_reused", entry };
  }

  /** Notes the routing within the transaction that emits. */
  record(state: TxState, routed: Routed, entry: Omit<RoutedEntry, "order" | "content_hash">): void {
    const key = this.keyOf(routed);
    const range = this.#range(state);
    state.put(key, { ...entry, content_hash: routed.content_hash, order: range.next } satisfies RoutedEntry);
    state.put(orderKey(range.next), key);
    state.put("routed_range", { first: range.first, next: range.next + 1 } satisfies Range);
  }

  /** The entry is on disk and its file still in the folder: it must stay; L2. */
  hold(key: string): void {
    this.#removed.delete(key);
    this.#held.add(key);
  }

  /** The file has left the folder, by whatever way. */
  release(key: string): void {
    this.#held.delete(key);
    this.#removed.add(key);
    const [oldest] = this.#removed;
    if (this.#removed.size > MAX_REMEMBERED && oldest !== undefined) this.#removed.delete(oldest);
  }

  get size(): number {
    const range = this.#range(this.#state);
    return range.next - range.first;
  }

  /** True when the oldest entry may go. */
  hasPrunable(nowMs: number): boolean {
    const range = this.#range(this.#state);
    return range.first < range.next && this.#isOver(this.#entryAt(this.#state, range.first), range, nowMs);
  }

  /**
   * Drops up to a thousand entries, oldest first, and says how many; L2. An entry whose file cannot be removed goes to the
   * end of the order instead, so that it holds up nothing. Only to be called when the folder has been scanned since the start.
   */
  prune(state: TxState, nowMs: number): number {
    const range = this.#range(state);
    let { first, next } = range;
    for (; first < range.next && first - range.first < PRUNE_CHUNK; first += 1) {
      const found = this.#entryAt(state, first);
      if (!this.#isOver(found, { first, next }, nowMs)) break;
      state.delete(orderKey(first));
      if (found === undefined) continue;
      if (this.#held.has(found.key)) {
        state.put(found.key, { ...found.entry, at: nowMs, order: next } satisfies RoutedEntry);
        state.put(orderKey(next), found.key);
        next += 1;
      } else state.delete(found.key);
    }
    if (first !== range.first) state.put("routed_range", { first, next } satisfies Range);
    return first - range.first;
  }

  /** Undefined when the content was routed again since and stands further back. */
  #entryAt(state: StateReader, order: number): { key: string; entry: RoutedEntry } | undefined {
    const key = state.get<string>(orderKey(order));
    const entry = key === undefined ? undefined : state.get<RoutedEntry>(key);
    return key === undefined || entry?.order !== order ? undefined : { key, entry };
  }

  #isOver(found: { entry: RoutedEntry } | undefined, range: Range, nowMs: number): boolean {
    if (found === undefined || range.next - range.first > this.#options.maxEntries) return true;
    return Math.abs(nowMs - found.entry.at) >= this.#options.windowMs;
  }

  #range(state: StateReader): Range {
    return state.get<Range>("routed_range") ?? { first: 0, next: 0 };
  }
}

/** Sixteen digits, so that keys sort like numbers. */
function orderKey(order: number): string {
  return `routed_order:${String(order).padStart(16, "0")}`;
}
