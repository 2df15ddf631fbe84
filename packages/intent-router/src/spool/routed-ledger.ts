/**
 * What has been routed lately, in the daemon's durable state: the memory that makes a repetition a duplicate and a restart
 * harmless. An entry is written in the transaction that emits the signal (P3), so there is never one without the other.
 *
 * L1 A file whose own entry exists is never routed again, however old the entry is: only its removal is missing.
 * L2 An entry is dropped only when its hour is over (or the cap is reached) and its file is known to be gone.
 * L3 Entries from the future (the clock was set back) count like old ones once they are further away than the window.
 *
 * Keys: `routed_entry:<n>` → entry, in the order of routing; `routed:<h|i>:<hash>` → n; `routed_range` → {first, next}.
 * The entries stand in ascending order, so that the journal's pages fill up and pruning reads them from one end.
 */
import type { StateReader, TxState } from "@kloros/bus";
import type { Routed } from "../intent/rules.ts";
import { isSameFile, type FileIdentity } from "./file-identity.ts";
import type { RawName } from "./raw-name.ts";

export interface RoutedEntry {
  /** The key of the content, or of the intent's own id. */
  readonly key: string;
  readonly file: FileIdentity;
  readonly name: RawName;
  /** Id of the signal that was emitted. */
  readonly signal_id: string;
  /** Beginning of the content's hash. */
  readonly hash: string;
  /** When it was routed, in milliseconds since the epoch. */
  readonly at: number;
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
/** Hex digits of a hash that are kept: 128 bits. */
const HASH_DIGITS = 32;
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
    const hash = own ? this.#options.sha256(routed.content_id) : routed.content_hash;
    return `routed:${own ? "i" : "h"}:${hash.slice(0, HASH_DIGITS)}`;
  }

  entryOf(routed: Routed): RoutedEntry | undefined {
    const key = this.keyOf(routed);
    const order = this.#state.get<number>(key);
    return order === undefined ? undefined : this.#state.get<RoutedEntry>(entryKey(order));
  }

  /** How the file stands to what was routed, all transactions so far included. */
  standing(routed: Routed, name: RawName, file: FileIdentity, nowMs: number): Standing {
    const entry = this.entryOf(routed);
    if (entry === undefined) return { kind: "new" };
    const isSameContent = routed.content_hash.startsWith(entry.hash);
    const itself = entry.name === name && isSameFile(entry.file, file) && !this.#removed.has(entry.key);
    if (itself && isSameContent) return { kind: "unfinished", entry }; // L1
    const isOld = Math.abs(nowMs - entry.at) >= this.#options.windowMs; // L3
    if (isOld && !this.#held.has(entry.key)) return { kind: "new" };
    return { kind: isSameContent ? "duplicate" : "id_reused", entry };
  }

  /** Notes the routing within the transaction that emits. */
  record(state: TxState, routed: Routed, entry: Omit<RoutedEntry, "key" | "hash">): void {
    const key = this.keyOf(routed);
    const hash = routed.content_hash.slice(0, HASH_DIGITS);
    const { first, next } = this.#range(state);
    state.put(key, next);
    state.put(entryKey(next), { key, ...entry, hash } satisfies RoutedEntry);
    state.put("routed_range", { first, next: next + 1 } satisfies Range);
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
      const entry = this.#entryAt(state, first);
      if (!this.#isOver(entry, { first, next }, nowMs)) break;
      state.delete(entryKey(first));
      if (entry === undefined) continue;
      if (this.#held.has(entry.key)) {
        state.put(entry.key, next);
        state.put(entryKey(next), { ...entry, at: nowMs } satisfies RoutedEntry);
        next += 1;
      } else state.delete(entry.key);
    }
    if (first !== range.first) state.put("routed_range", { first, next } satisfies Range);
    return first - range.first;
  }

  /** Undefined when the content was routed again since and stands further back. */
  #entryAt(state: StateReader, order: number): RoutedEntry | undefined {
    const entry = state.get<RoutedEntry>(entryKey(order));
    return entry !== undefined && state.get<number>(entry.key) === order ? entry : undefined;
  }

  #isOver(entry: RoutedEntry | undefined, range: Range, nowMs: number): boolean {
    if (entry === undefined || range.next - range.first > this.#options.maxEntries) return true;
    return Math.abs(nowMs - entry.at) >= this.#options.windowMs;
  }

  #range(state: StateReader): Range {
    return state.get<Range>("routed_range") ?? { first: 0, next: 0 };
  }
}

/** Sixteen digits, so that keys sort like numbers. */
function entryKey(order: number): string {
  return `routed_entry:${String(order).padStart(16, "0")}`;
}
