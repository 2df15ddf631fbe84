/** The one way an envelope becomes a line: fixed member order, so that a journal or a grep can filter by the prefix `{"signal":"NAME",`. */
import type { Envelope } from "./envelope.ts";

/** The members of an envelope whose text is known to need no escaping: they have passed the envelope's checks. */
export type LineFields = Pick<
  Envelope,
  "id" | "timestamp" | "source" | "version" | "priority" | "correlation_id" | "causation_id"
> & { readonly signal: string };

/** One line of UTF-8 JSON without a newline. */
export function serializeEnvelope(envelope: Envelope): string {
  const { traceparent, epoch, seq, prev } = envelope;
  return envelopeLine(envelope, JSON.stringify(envelope.facts), traceparent, epoch, seq, prev);
}

/** The same for a signal that is just getting its place in a journal. Only `facts` is escaped, by whoever made `factsJson`. */
export function envelopeLine(
  e: LineFields,
  factsJson: string,
  traceparent: string,
  epoch: string,
  seq: number,
  prev: number,
): string {
  const cause = e.causation_id === null ? "null" : `"${e.causation_id}"`;
  return (
    `{"signal":"${e.signal}","id":"${e.id}","timestamp":"${e.timestamp}","source":"${e.source}","facts":${factsJson}` +
    `,"version":${e.version},"priority":"${e.priority}","correlation_id":"${e.correlation_id}","causation_id":${cause}` +
    `,"traceparent":"${traceparent}","epoch":"${epoch}","seq":${seq},"prev":${prev}}`
  );
}
