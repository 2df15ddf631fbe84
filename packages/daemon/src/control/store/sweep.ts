/** Removes what is over, in batches small enough to be done between two signals (P5). */
import type { Node, StateReader, TxState } from "@kloros/bus";
import { OpenBooks } from "./books.ts";
import { dropEntry, type Entry, type Space } from "./key-values.ts";
import type { KitClock } from "./kit-clock.ts";
import { MAX_ENTRIES } from "./limits.ts";
import { expiryOf, places } from "./places.ts";
import type { Lane } from "./queues.ts";

/** Entries or values removed in one transaction. */
const BATCH = 200;
/** How often it looks whether something is over, in milliseconds; reading never shows what is. */
const INTERVAL_MS = 10_000;

/** Entries whose time is over; says how many were removed. */
export function sweepExpired(state: TxState, clock: KitClock): number {
  const due = dueExpiries(state, clock);
  if (due.length === 0) return 0;
  const books = new OpenBooks(state);
  for (const { place, atMs, namespace, key } of due) {
    state.delete(place);
    const entry = state.get<Entry>(places.entry(namespace, key));
    if (entry?.expires === atMs) dropEntry(state, books, { namespace, key });
  }
  books.close();
  return due.length;
}

/** A full namespace need not wait for the next sweep to take something in. */
export function sweepIfFull(state: TxState, clock: KitClock, namespace: string): void {
  const space = state.get<Space>(places.namespace(namespace));
  if (space !== undefined && space.entries >= MAX_ENTRIES) sweepExpired(state, clock);
}

function dueExpiries(state: StateReader, clock: KitClock) {
  const now = clock.now();
  return state
    .list(places.expiries, BATCH)
    .map(({ key: place }) => ({ place, ...expiryOf(place) }))
    .filter(({ atMs }) => atMs <= now);
}

/** Values of queues that were emptied at once; says how many were removed. */
function sweepTrash(state: TxState): number {
  const [trash] = state.list<Lane>(places.trashes, 1);
  if (trash === undefined) return 0;
  const { lane, first, next } = trash.value;
  const end = Math.min(next, first + BATCH);
  for (let n = first; n < end; n++) state.delete(places.item(lane, n));
  if (end === next) state.delete(trash.key);
  else state.put(trash.key, { lane, first: end, next });
  return end - first + 1;
}

/** Sweeps for as long as the daemon runs; the kit's clock is kept up to date where something depends on it. */
export function startSweeping(
  node: () => Node | null,
  clock: () => KitClock,
  onTrouble: (error: unknown) => void,
): () => void {
  let isSweeping = false;
  const sweep = async (open: Node): Promise<void> => {
    const isIdle = () =>
      open.state.list(places.trashes, 1).length === 0 && dueExpiries(open.state, clock()).length === 0;
    while (!isIdle()) await open.transact(({ state }) => sweepExpired(state, clock()) + sweepTrash(state));
    if (open.state.list(places.expiries, 1).length > 0)
      await open.transact(({ state }) => {
        state.put(places.clock, clock().reading());
      });
  };
  const timer = setInterval(() => {
    const open = node();
    if (open === null || isSweeping) return;
    isSweeping = true;
    sweep(open)
      .catch(onTrouble)
      .finally(() => (isSweeping = false));
  }, INTERVAL_MS).unref();
  return () => clearInterval(timer);
}
