/**
 * The signal that is measured: the seed's four members `signal`, `facts`, `source`, `timestamp` are exactly 300 bytes of
 * JSON. On the wire it is longer, for the envelope's id, trace and position; that whole line is what the baseline sends.
 */
import type { Facts } from "@kloros/bus";

export const SIGNAL = "Q_CURIOSITY_INVESTIGATE";
export const EMITTER = "intent_router";
export const CONSUMER = "investigation_consumer_daemon";
export const SEED_BYTES = 300;

const INDEX_DIGITS = 7;
const QUESTION = "What does this module do, and which of its functions are worth an entry?";

/** Facts of the signal number `index`; each has an ordering key of its own. */
export function factsOf(index: number) {
  const name = `audio_${String(index).padStart(INDEX_DIGITS, "0")}`;
  return {
    question: QUESTION,
    question_id: `discover.module.${name}`,
    priority: "normal",
    evidence: [`path:src/${name}`],
  } satisfies Facts<typeof SIGNAL>;
}

/** The seed's form of it. */
export function seedForm(index: number) {
  return { signal: SIGNAL, facts: factsOf(index), source: EMITTER, timestamp: "2025-11-15T10:30:00.000Z" };
}

/** What a receptor sees of the signal number `index`: the seed's form and the members that delivery and tracing need. */
export function wireForm(index: number) {
  const { signal, facts, source, timestamp } = seedForm(index);
  const id = `019a8732-5f40-7000-8000-${String(index).padStart(12, "0")}`;
  return {
    signal,
    id,
    timestamp,
    source,
    facts,
    version: 1,
    priority: "normal",
    correlation_id: id,
    causation_id: null,
    traceparent: `00-${id.replaceAll("-", "")}-00f067aa0ba902b7-01`,
    epoch: "bXl8cPq2Zt0v",
    seq: index + 1,
    prev: index,
  };
}
