/** The one way an envelope becomes a line: fixed member order, so that a journal or a grep can filter by the prefix `{"signal":"NAME",`. */
import type { Envelope } from "./envelope.ts";

type EnvelopeHead = Omit<Envelope, "signal" | "facts" | "epoch" | "seq" | "prev"> & {
  readonly signal: string;
};

/**
 * One line of UTF-8 JSON without a newline. Only `facts` is escaped: every other string has passed the envelope's checks,
 * whose alphabets hold no character that JSON escapes.
 * `factsJson` may be given when the caller has it already, e.g. after measuring its size.
 */
export function serializeEnvelope(
  envelope: Envelope,
  factsJson: string = JSON.stringify(envelope.facts),
): string {
  const { epoch, seq, prev } = envelope;
  return `${serializeEnvelopeHead(envelope, factsJson)},"epoch":"${epoch}","seq":${seq},"prev":${prev}}`;
}

/** What is known before the signal has its place in a journal: everything but epoch and positions, still open at the end. */
export function serializeEnvelopeHead(e: EnvelopeHead, factsJson: string): string {
  const cause = e.causation_id === null ? "null" : `"${e.causation_id}"`;
  return (
    `{"signal":"${e.signal}","id":"${e.id}","timestamp":"${e.timestamp}","source":"${e.source}","facts":${factsJson}` +
    `,"version":${e.version},"priority":"${e.priority}","correlation_id":"${e.correlation_id}","causation_id":${cause}` +
    `,"traceparent":"${e.traceparent}"`
  );
}
