/**
 * Signals of one story in causal order: each right after its cause, siblings by time. Pure.
 * What a story lost (a pruned cause) is no reason to hide the rest: such signals begin a branch of their own.
 */
import type { Envelope } from "@kloros/bus";

/** A handling that failed for good. */
export interface StoryDeadLetter {
  readonly id: string;
  readonly daemon: string;
  readonly error: string;
  readonly timestamp: string;
  readonly attempts: number;
}

/** One signal in its place; the JSON form of `chem-bus trace`. */
export interface StoryRow extends Envelope {
  /** 0 for the signal that began the story. */
  readonly depth: number;
  /** From the cause's timestamp to this one's, in milliseconds; 0 at the beginning. */
  readonly latency_ms: number;
  readonly dead_letters: readonly StoryDeadLetter[];
  /** Consumers that have not finished it yet. */
  readonly pending: readonly string[];
}

export interface StoryMaterial {
  readonly envelopes: readonly Envelope[];
  /** By the id of the signal that failed. */
  readonly deadLetters?: ReadonlyMap<string, readonly StoryDeadLetter[]>;
  readonly pendingOf?: (envelope: Envelope) => readonly string[];
}

/** All rows in causal order. Several stories follow each other by the time of their first signal. */
export function tellStory({ envelopes, deadLetters, pendingOf }: StoryMaterial): StoryRow[] {
  const byId = new Map(envelopes.map((envelope) => [envelope.id, envelope]));
  const children = new Map<string | null, Envelope[]>();
  for (const envelope of [...byId.values()].sort(byTime)) {
    const cause = causeOf(envelope, byId);
    const siblings = children.get(cause) ?? [];
    siblings.push(envelope);
    children.set(cause, siblings);
  }
  const rows: StoryRow[] = [];
  const told = new Set<string>();
  const stack = (children.get(null) ?? []).map((envelope) => ({ envelope, depth: 0 })).reverse();
  for (let next = stack.pop(); next; next = stack.pop()) {
    const { envelope, depth } = next;
    if (told.has(envelope.id)) continue;
    told.add(envelope.id);
    rows.push({
      ...envelope,
      depth,
      latency_ms: latencyOf(envelope, byId),
      dead_letters: deadLetters?.get(envelope.id) ?? [],
      pending: pendingOf?.(envelope) ?? [],
    });
    for (const child of (children.get(envelope.id) ?? []).toReversed())
      stack.push({ envelope: child, depth: depth + 1 });
  }
  return rows;
}

function causeOf(envelope: Envelope, byId: ReadonlyMap<string, Envelope>): string | null {
  const { id, causation_id: cause } = envelope;
  return cause !== null && cause !== id && byId.has(cause) ? cause : null;
}

function latencyOf(envelope: Envelope, byId: ReadonlyMap<string, Envelope>): number {
  const cause = byId.get(envelope.causation_id ?? "");
  return cause ? Date.parse(envelope.timestamp) - Date.parse(cause.timestamp) : 0;
}

function byTime(a: Envelope, b: Envelope): number {
  return a.timestamp < b.timestamp ? -1 : a.timestamp > b.timestamp ? 1 : a.seq - b.seq;
}
