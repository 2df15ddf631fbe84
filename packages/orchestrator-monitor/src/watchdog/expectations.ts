/**
 * From contracts to what is watched: which signals begin a wait, which end one, and which matter a signal belongs to. Pure.
 * A matter is told apart by the timeout's signal, the pointer to the matching fact, that fact (missing = null), and the story.
 */
import { canonicalJson, type Contracts, type Envelope, valueAt } from "@kloros/bus";

/** What is awaited after a signal, as its contract says, with this home's deadline. */
export interface Expected {
  readonly signal: string;
  readonly any_of: readonly string[];
  readonly on_timeout: string;
  readonly suggested_action: string;
  /** JSON Pointer into facts; null where the story alone tells. */
  readonly match: string | null;
  readonly within_ms: number;
}

export interface Expectations {
  /** By the signal that begins the wait. */
  readonly bySignal: ReadonlyMap<string, Expected>;
  /** Every signal with which a wait begins or ends. */
  readonly names: readonly string[];
  /** The matters that a signal may end a wait of, as texts that tell them apart; no matter twice. */
  mattersEndedBy(signal: Pick<Envelope, "signal" | "correlation_id" | "facts">): readonly string[];
}

/** The expectations whose timeout `daemon` emits; `deadlines` are in milliseconds, by the signal that begins the wait. */
export function expectationsOf(
  contracts: Contracts,
  daemon: string,
  deadlines: ReadonlyMap<string, number> = new Map(),
): Expectations {
  const bySignal = new Map<string, Expected>();
  for (const name of contracts.names) {
    const expects = contracts.get(name)?.expects;
    if (!expects || !contracts.mayEmit(daemon, expects.on_timeout)) continue;
    const { any_of, on_timeout, suggested_action, match, within_seconds } = expects;
    const within_ms = deadlines.get(name) ?? within_seconds * 1_000;
    bySignal.set(name, {
      signal: name,
      any_of,
      on_timeout,
      suggested_action,
      match: match ?? null,
      within_ms,
    });
  }
  const ended = new Map<string, Map<string, Expected>>();
  for (const expected of bySignal.values()) {
    for (const name of expected.any_of) {
      const kinds = ended.get(name) ?? new Map<string, Expected>();
      ended.set(name, kinds.set(kindOf(expected), expected));
    }
  }
  return {
    bySignal,
    names: [...new Set([...bySignal.keys(), ...ended.keys()])],
    mattersEndedBy: (signal) =>
      [...(ended.get(signal.signal)?.values() ?? [])].map((expected) => matterOf(expected, signal)),
  };
}

/** The matter of a signal under this expectation, as a text that tells it from all others. */
export function matterOf(
  expected: Expected,
  { correlation_id, facts }: Pick<Envelope, "correlation_id" | "facts">,
): string {
  const fact = expected.match === null ? null : (valueAt(facts, expected.match) ?? null);
  return canonicalJson([kindOf(expected), correlation_id, fact]);
}

function kindOf({ on_timeout, match }: Expected): string {
  return `${on_timeout} ${match ?? ""}`;
}
