/**
 * Values by namespace and key, durable in the daemon's journal. Each function works within one transaction: what it throws
 * leaves everything as it was.
 *
 * V1  An entry that has expired is as good as none, whether or not it has been swept.
 * V2  Versions ascend over all keys and are never given again, so a version that was read names one value only.
 */
import type { StateReader, TxState } from "@kloros/bus";
import type { JsonType } from "../parameters.ts";
import { OpenBooks } from "./books.ts";
import { StateConflictingError, StateNotFoundError, StoreLimitError } from "./errors.ts";
import type { KitClock } from "./kit-clock.ts";
import { MAX_ENTRIES, MAX_KEY_BYTES, MAX_NAMESPACES } from "./limits.ts";
import { places } from "./places.ts";
import { checkType, sizeOf, typeOf } from "./value.ts";

export interface KeyRequest {
  readonly namespace: string;
  readonly key: string;
}

export interface SetRequest extends KeyRequest {
  readonly value: unknown;
  readonly type?: JsonType;
  readonly ttl_s?: number;
  readonly if_version?: number;
  readonly if_absent?: boolean;
}

/** What is known of an entry. */
export interface Entry {
  readonly version: number;
  /** As it was declared; it holds for later values too. */
  readonly type?: JsonType;
  /** On the kit's clock, in milliseconds. */
  readonly expires?: number;
  readonly bytes: number;
  /** Unix time in milliseconds. */
  readonly at: number;
}

/** How full a namespace is. */
export interface Space {
  readonly entries: number;
  readonly bytes: number;
}

export function findEntry(
  state: StateReader,
  clock: KitClock,
  { namespace, key }: KeyRequest,
): Entry | undefined {
  const entry = state.get<Entry>(places.entry(namespace, key));
  return entry === undefined || isExpired(entry, clock) ? undefined : entry; // V1
}

export function isExpired({ expires }: Entry, clock: KitClock): boolean {
  return expires !== undefined && expires <= clock.now();
}

/** @throws {StateNotFoundError} only with `must_exist` */
export function getValue(
  state: StateReader,
  clock: KitClock,
  request: KeyRequest & { readonly must_exist: boolean },
): Record<string, unknown> {
  const { namespace, key, must_exist } = request;
  const entry = findEntry(state, clock, request);
  if (entry === undefined && must_exist) throw new StateNotFoundError(namespace, key);
  if (entry === undefined) return { namespace, key, found: false, value: null };
  const value = state.get(places.value(namespace, key));
  return { namespace, key, found: true, value, ...describe(entry, value, clock) };
}

/** What an answer says of an entry; times are Unix times in seconds. */
export function describe(entry: Entry, value: unknown, clock: KitClock): Record<string, unknown> {
  const { version, type, expires, at } = entry;
  const leftMs = expires === undefined ? null : expires - clock.now();
  return {
    type: type ?? typeOf(value),
    version,
    updated_at: at / 1000,
    expires_at: leftMs === null ? null : (clock.wall() + leftMs) / 1000,
  };
}

/** @throws {StateConflictingError}, {StateTypeError}, {StoreLimitError} */
export function setValue(state: TxState, clock: KitClock, request: SetRequest): Record<string, unknown> {
  const { namespace, key, value, ttl_s } = request;
  const old = findEntry(state, clock, request);
  checkExpected(request, old);
  const type = request.type ?? old?.type;
  checkType(`${namespace}/${key}`, value, type);
  const bytes = sizeOf(`${namespace}/${key}`, value) + keyBytes(key);
  const books = new OpenBooks(state);
  if (state.get(places.entry(namespace, key)) !== undefined) dropEntry(state, books, request);
  const expires = ttl_s === undefined ? undefined : clock.now() + Math.ceil(ttl_s * 1000);
  const entry: Entry = {
    version: books.next(), // V2
    bytes,
    at: clock.wall(),
    ...(type === undefined ? {} : { type }),
    ...(expires === undefined ? {} : { expires }),
  };
  addToSpace(state, books, namespace, { entries: 1, bytes });
  state.put(places.entry(namespace, key), entry);
  state.put(places.value(namespace, key), value);
  if (expires !== undefined) {
    state.put(places.expiry(expires, namespace, key), 0);
    state.put(places.clock, clock.reading());
  }
  books.close();
  return { namespace, key, created: old === undefined, ...describe(entry, value, clock) };
}

function checkExpected({ namespace, key, if_version, if_absent }: SetRequest, old: Entry | undefined): void {
  const found = old === undefined ? "no such key" : `version ${old.version}`;
  if (if_absent === true && old !== undefined)
    throw new StateConflictingError(namespace, key, "no such key", found);
  if (if_version !== undefined && old?.version !== if_version)
    throw new StateConflictingError(namespace, key, `version ${if_version}`, found);
}

/** @throws {StoreLimitError} */
function keyBytes(key: string): number {
  const bytes = Buffer.byteLength(key);
  if (bytes > MAX_KEY_BYTES)
    throw new StoreLimitError(`the key has ${bytes} bytes, at most ${MAX_KEY_BYTES} are allowed`);
  return bytes;
}

/** @throws {StateConflictingError} */
export function deleteValue(
  state: TxState,
  clock: KitClock,
  request: KeyRequest & { readonly if_version?: number },
): Record<string, unknown> {
  const { namespace, key } = request;
  const old = findEntry(state, clock, request);
  if (request.if_version !== undefined) checkExpected({ ...request, value: null }, old);
  if (old !== undefined) {
    const books = new OpenBooks(state);
    dropEntry(state, books, request);
    books.close();
  }
  return { namespace, key, deleted: old !== undefined };
}

/** Removes an entry that is there, expired or not, with all that belongs to it. */
export function dropEntry(state: TxState, books: OpenBooks, { namespace, key }: KeyRequest): void {
  const entry = state.get<Entry>(places.entry(namespace, key));
  if (entry === undefined) return;
  state.delete(places.entry(namespace, key));
  state.delete(places.value(namespace, key));
  if (entry.expires !== undefined) state.delete(places.expiry(entry.expires, namespace, key));
  addToSpace(state, books, namespace, { entries: -1, bytes: -entry.bytes });
}

/** @throws {StoreLimitError} */
function addToSpace(state: TxState, books: OpenBooks, namespace: string, change: Space): void {
  const old = state.get<Space>(places.namespace(namespace));
  const entries = (old?.entries ?? 0) + change.entries;
  if (entries > MAX_ENTRIES)
    throw new StoreLimitError(
      `namespace ${namespace} has ${MAX_ENTRIES} keys already: delete some, or let them expire (ttl_s)`,
    );
  if (old === undefined && books.now.namespaces >= MAX_NAMESPACES)
    throw new StoreLimitError(`there are ${MAX_NAMESPACES} namespaces already: empty one first`);
  const namespaces = (entries === 0 ? 0 : 1) - (old === undefined ? 0 : 1);
  books.add({ bytes: change.bytes, namespaces });
  if (entries === 0) state.delete(places.namespace(namespace));
  else state.put(places.namespace(namespace), { entries, bytes: (old?.bytes ?? 0) + change.bytes });
}
