/**
 * A daemon's durable state as its transactions see it: the journal's table, with what is on its way to disk laid over it.
 * Keeps count of who changed what, so that a handling which read something stale is noticed instead of lost (P3).
 */
import type { Journal } from "../journal/journal.ts";
import { MAX_STATE_KEY_BYTES } from "../journal/journal.ts";
import type { StateReader } from "./api.ts";
import { StateEntryError } from "./errors.ts";

type Writes = ReadonlyMap<string, string | undefined>;

/** Entries that `list` returns when no limit is given. */
const DEFAULT_LIST_LIMIT = 1_000;

export class StateStore implements StateReader {
  readonly #journal: Journal;
  /** Submitted and not yet durable; several submissions may have changed one key. */
  readonly #overlay = new Map<string, { json: string | undefined; version: number }>();
  /** Version of the last change of a key, oldest change first, while any reader that could conflict is open. */
  readonly #changed = new Map<string, number>();
  /** How many transactions opened at a version are still at work; versions ascend. */
  readonly #readers = new Map<number, number>();
  #version = 0;

  constructor(journal: Journal) {
    this.#journal = journal;
  }

  get<T = unknown>(key: string): T | undefined {
    const json = this.#json(key);
    return json === undefined ? undefined : (JSON.parse(json) as T);
  }

  #json(key: string): string | undefined {
    const over = this.#overlay.get(key);
    return over === undefined ? this.#journal.stateGet(key) : over.json;
  }

  list<T = unknown>(prefix: string, limit = DEFAULT_LIST_LIMIT): { key: string; value: T }[] {
    return this.listWith<T>(prefix, limit, null);
  }

  /** `own` are a transaction's own writes, on top of everything. */
  listWith<T>(prefix: string, limit: number, own: Writes | null): { key: string; value: T }[] {
    const found = new Map<string, string>();
    const hidden = this.#overlay.size + (own?.size ?? 0);
    for (const { key, value } of this.#journal.stateList(prefix)) {
      found.set(key, value);
      if (found.size >= limit + hidden) break;
    }
    const lay = (key: string, json: string | undefined) => {
      if (!key.startsWith(prefix)) return;
      if (json === undefined) found.delete(key);
      else found.set(key, json);
    };
    for (const [key, { json }] of this.#overlay) lay(key, json);
    own?.forEach((json, key) => {
      lay(key, json);
    });
    const sorted = [...found].sort(([a], [b]) => (a < b ? -1 : 1)).slice(0, limit);
    return sorted.map(([key, json]) => ({ key, value: JSON.parse(json) as T }));
  }

  /** A transaction that may span event turns begins. */
  openReader(): number {
    this.#readers.set(this.#version, (this.#readers.get(this.#version) ?? 0) + 1);
    return this.#version;
  }

  closeReader(openedAt: number): void {
    const others = (this.#readers.get(openedAt) ?? 1) - 1;
    if (others > 0) {
      this.#readers.set(openedAt, others);
      return;
    }
    this.#readers.delete(openedAt);
    const oldest = this.#readers.keys().next().value ?? Infinity;
    for (const [key, version] of this.#changed) {
      if (version > oldest) return;
      this.#changed.delete(key);
    }
  }

  /** Changes kept for those at work; bounded by what happens during the longest of them. */
  get rememberedChanges(): number {
    return this.#changed.size;
  }

  changedSince(version: number, keys: ReadonlySet<string>, prefixes: readonly string[]): boolean {
    for (const [key, at] of this.#changed) {
      if (at > version && (keys.has(key) || prefixes.some((prefix) => key.startsWith(prefix)))) return true;
    }
    return false;
  }

  /** Writes are on their way to disk; readers see them from now on. Returns a ticket for `settle`. */
  lay(writes: Writes): number {
    const version = ++this.#version;
    for (const [key, json] of writes) {
      this.#overlay.set(key, { json, version });
      if (this.#readers.size === 0) continue;
      this.#changed.delete(key);
      this.#changed.set(key, version);
    }
    return version;
  }

  /** They are on disk: the journal itself answers now. */
  settle(writes: Writes, ticket: number): void {
    for (const key of writes.keys())
      if (this.#overlay.get(key)?.version === ticket) this.#overlay.delete(key);
  }

  /** The commit failed: back to what is on disk. */
  reset(): void {
    this.#overlay.clear();
  }
}

/** @throws {StateEntryError} */
export function checkedStateKey(key: string): string {
  if (key.length === 0) throw new StateEntryError(key, "must not be empty");
  if (Buffer.byteLength(key) > MAX_STATE_KEY_BYTES)
    throw new StateEntryError(key, `is longer than ${String(MAX_STATE_KEY_BYTES)} bytes`);
  return key;
}

/** @throws {StateEntryError} */
export function stateJson(key: string, value: unknown): string {
  const json = JSON.stringify(value) as string | undefined;
  if (json === undefined)
    throw new StateEntryError(key, "the value is not JSON; use delete() to remove a key");
  return json;
}
