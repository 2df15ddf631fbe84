/** An envelope in the form of CloudEvents 1.0 (JSON format), one to one. */
import type { Envelope } from "@kloros/bus";

/** The attribute names of design and docs/wire.md; `causationid` is left out when there is no cause. */
export function toCloudEvent(envelope: Envelope): Readonly<Record<string, unknown>> {
  return {
    specversion: "1.0",
    type: envelope.signal,
    id: envelope.id,
    time: envelope.timestamp,
    source: envelope.source,
    datacontenttype: "application/json",
    data: envelope.facts,
    correlationid: envelope.correlation_id,
    ...(envelope.causation_id === null ? {} : { causationid: envelope.causation_id }),
    traceparent: envelope.traceparent,
    sequence: String(envelope.seq),
    priority: envelope.priority,
    contractversion: envelope.version,
    epoch: envelope.epoch,
  };
}
