/** Keys of a namespace by pattern, in order, in pages; with their values where asked. */
import type { StateReader } from "@kloros/bus";
import { literalPrefix, matchesGlob } from "../glob.ts";
import { describe, type Entry, isExpired, type Space } from "./key-values.ts";
import type { KitClock } from "./kit-clock.ts";
import { MAX_ANSWER_BYTES, MAX_ENTRIES, MAX_NAMESPACES } from "./limits.ts";
import { places } from "./places.ts";

export interface ListRequest {
  readonly namespace: string;
  readonly pattern: string;
  readonly limit: number;
  /** The last key of the page before. */
  readonly after?: string;
  readonly values: boolean;
}

export function listValues(
  state: StateReader,
  clock: KitClock,
  request: ListRequest,
): Record<string, unknown> {
  const { namespace, pattern, limit, after, values } = request;
  const base = places.entries(namespace);
  const found = state
    .list<Entry>(base + literalPrefix(pattern), MAX_ENTRIES)
    .map(({ key, value: entry }) => ({ key: key.slice(base.length), entry }))
    .filter(({ key, entry }) => !isExpired(entry, clock) && matchesGlob(pattern, key))
    .filter(({ key }) => after === undefined || key > after);
  const page = values ? withinAnswer(found.slice(0, limit)) : found.slice(0, limit);
  const entries = page.map(({ key, entry }) => {
    const value = state.get(places.value(namespace, key));
    return { key, value, ...describe(entry, value, clock) };
  });
  return {
    namespace,
    pattern,
    keys: page.map(({ key }) => key),
    ...(values ? { entries } : {}),
    matched: found.length,
    more: found.length > page.length,
  };
}

/** As many as fit into one answer, at least one. */
function withinAnswer<T extends { readonly entry: Entry }>(found: readonly T[]): readonly T[] {
  let bytes = 0;
  const end = found.findIndex(({ entry }, n) => n > 0 && (bytes += entry.bytes) > MAX_ANSWER_BYTES);
  return end === -1 ? found : found.slice(0, end);
}

/** All namespaces that have keys, and how full they are. */
export function listNamespaces(state: StateReader): ({ readonly namespace: string } & Space)[] {
  return state
    .list<Space>(places.namespaces, MAX_NAMESPACES)
    .map(({ key, value }) => ({ namespace: key.slice(places.namespaces.length), ...value }));
}
