/** The content of namespaces and queues as one value, and back. Both work within one transaction. */
import type { StateReader, TxState } from "@kloros/bus";
import type { JsonType } from "../parameters.ts";
import { OpenBooks } from "./books.ts";
import { CheckpointError } from "./errors.ts";
import { dropEntry, type Entry, isExpired, setValue } from "./key-values.ts";
import type { KitClock } from "./kit-clock.ts";
import { MAX_CHECKPOINT_BYTES, MAX_CHECKPOINT_ITEMS, MAX_ENTRIES } from "./limits.ts";
import { listNamespaces } from "./list-values.ts";
import { places } from "./places.ts";
import { findQueue, lengthOf, listQueues, peekAll, replace } from "./queues.ts";

export interface SavedEntry {
  readonly key: string;
  readonly value: unknown;
  readonly type?: JsonType;
  /** Time to live that was left, in seconds. */
  readonly ttl_s?: number;
}

export interface Snapshot {
  readonly namespaces: Readonly<Record<string, readonly SavedEntry[]>>;
  /** By `namespace/queue_name`; the oldest value first. */
  readonly queues: Readonly<Record<string, readonly unknown[]>>;
}

/** What is to be in it; left out: all. */
export interface Selection {
  readonly namespaces?: readonly string[];
  /** As `namespace/queue_name`. */
  readonly queues?: readonly string[];
}

/** @throws {CheckpointError} it would be larger than is restored in one go */
export function takeSnapshot(state: StateReader, clock: KitClock, selection: Selection): Snapshot {
  const all = selection.namespaces === undefined && selection.queues === undefined;
  const namespaces = all
    ? listNamespaces(state).map(({ namespace }) => namespace)
    : (selection.namespaces ?? []);
  const queues = all
    ? listQueues(state).map(({ namespace, queue_name }) => `${namespace}/${queue_name}`)
    : (selection.queues ?? []);
  checkSize(state, namespaces, queues);
  return {
    namespaces: Object.fromEntries(namespaces.map((name) => [name, entriesOf(state, clock, name)])),
    queues: Object.fromEntries(queues.map((name) => [name, peekAll(state, queueOf(name))])),
  };
}

function checkSize(state: StateReader, namespaces: readonly string[], queues: readonly string[]): void {
  const spaces = namespaces.map((name) =>
    state.get<{ entries: number; bytes: number }>(places.namespace(name)),
  );
  const lanes = queues.map((name) => findQueue(state, queueOf(name)));
  const items =
    spaces.reduce((sum, space) => sum + (space?.entries ?? 0), 0) +
    lanes.reduce((sum, lane) => sum + lengthOf(lane), 0);
  const bytes = [...spaces, ...lanes].reduce((sum, one) => sum + (one?.bytes ?? 0), 0);
  if (items > MAX_CHECKPOINT_ITEMS || bytes > MAX_CHECKPOINT_BYTES)
    throw new CheckpointError(
      `${items} values of ${bytes} bytes are too much for one checkpoint (at most ${MAX_CHECKPOINT_ITEMS} and ${MAX_CHECKPOINT_BYTES}): name some namespaces and queues`,
    );
}

function entriesOf(state: StateReader, clock: KitClock, namespace: string): SavedEntry[] {
  const base = places.entries(namespace);
  return state
    .list<Entry>(base, MAX_ENTRIES)
    .filter(({ value: entry }) => !isExpired(entry, clock))
    .map(({ key: place, value: { type, expires } }) => {
      const key = place.slice(base.length);
      return {
        key,
        value: state.get(places.value(namespace, key)),
        ...(type === undefined ? {} : { type }),
        ...(expires === undefined ? {} : { ttl_s: (expires - clock.now()) / 1000 }),
      };
    });
}

/** Replaces the namespaces and queues that it holds; others stay as they are. Says how much was put back. */
export function putBack(
  state: TxState,
  clock: KitClock,
  snapshot: Snapshot,
): { keys: number; values: number } {
  let [keys, values] = [0, 0];
  for (const [namespace, entries] of Object.entries(snapshot.namespaces)) {
    emptySpace(state, namespace);
    for (const entry of entries) setValue(state, clock, { namespace, ...entry });
    keys += entries.length;
  }
  for (const [name, items] of Object.entries(snapshot.queues)) {
    replace(state, queueOf(name), items);
    values += items.length;
  }
  return { keys, values };
}

function emptySpace(state: TxState, namespace: string): void {
  const base = places.entries(namespace);
  const books = new OpenBooks(state);
  for (const { key } of state.list(base, MAX_ENTRIES))
    dropEntry(state, books, { namespace, key: key.slice(base.length) });
  books.close();
}

function queueOf(name: string): { namespace: string; queue_name: string } {
  const [namespace = "", queue_name = ""] = name.split("/");
  return { namespace, queue_name };
}
