/**
 * Matters in the node's durable state, each under a key of its own, so that handlings of different matters never conflict.
 * A trigger's facts lie beside, so that a matter stays small; they go when its wait ends.
 */
import { createHash } from "node:crypto";
import type { StateReader, Tx } from "@kloros/bus";
import { MAX_TRIGGER_FACTS_BYTES } from "./limits.ts";
import type { Anchor } from "./timeline.ts";
import { isForgotten, type Matter, newMatter, watch, type WatchAction, type WatchEvent } from "./watch.ts";

const MATTER_PREFIX = "watch:matter:";
const FACTS_PREFIX = "watch:facts:";
const CLOCK_KEY = "watch:clock";
/** Every matter: their number is bounded by what is open and what is remembered. */
const ALL = 1_000_000;

export interface Stored {
  readonly key: string;
  readonly matter: Matter;
}

export interface Stepped extends Stored {
  readonly actions: readonly WatchAction[];
}

/** Where the matter that this text tells apart is kept; matching facts may be longer than a key. */
export function keyOf(matter: string): string {
  return `${MATTER_PREFIX}${createHash("sha256").update(matter).digest("hex").slice(0, 40)}`;
}

export function storedMatters(state: StateReader): readonly Stored[] {
  return state.list<Matter>(MATTER_PREFIX, ALL).map(({ key, value }) => ({ key, matter: value }));
}

export function storedMatter(state: StateReader, key: string): Matter | undefined {
  return state.get<Matter>(key);
}

/** One event for one matter within the transaction; null when it changed nothing. */
export function stepMatter(
  tx: Pick<Tx, "state">,
  key: string,
  correlation_id: string,
  event: WatchEvent,
  now: number,
): Stepped | null {
  const before = storedMatter(tx.state, key) ?? newMatter(correlation_id);
  const { matter, actions } = watch(before, event, now);
  if (matter === before && actions.length === 0) return null;
  if (isForgotten(matter)) tx.state.delete(key);
  else tx.state.put(key, matter);
  for (const action of actions) {
    const isOver = action.kind === "timed_out" || (action.kind === "answered" && action.when === "open");
    if (isOver) tx.state.delete(FACTS_PREFIX + action.wait.id);
  }
  return { key, matter, actions };
}

/** Keeps a trigger's facts for its timeout, unless they are too large to be repeated. */
export function keepFacts(tx: Pick<Tx, "state">, id: string, facts: object): void {
  if (Buffer.byteLength(JSON.stringify(facts)) <= MAX_TRIGGER_FACTS_BYTES)
    tx.state.put(FACTS_PREFIX + id, facts);
}

export function keptFacts(state: StateReader, id: string): object | undefined {
  return state.get<object>(FACTS_PREFIX + id);
}

export function keepAnchor(tx: Pick<Tx, "state">, anchor: Anchor): void {
  tx.state.put(CLOCK_KEY, anchor);
}

export function keptAnchor(state: StateReader): Anchor | null {
  return state.get<Anchor>(CLOCK_KEY) ?? null;
}
