/** The same signal as a CloudEvent 1.0 in JSON, for tools that speak that. One to one: nothing is lost but member order. */
import type { Envelope } from "./envelope.ts";

/** Digits of `sequence`, so that its plain string order is the order of the journal, up to the largest safe integer. */
const SEQUENCE_DIGITS = 16;

export interface CloudEvent {
  readonly specversion: "1.0";
  readonly type: string;
  readonly id: string;
  readonly time: string;
  readonly source: string;
  readonly datacontenttype: "application/json";
  readonly data: unknown;
  readonly correlationid: string;
  /** Absent when nothing caused the signal: CloudEvents has no null attributes. */
  readonly causationid?: string;
  readonly traceparent: string;
  /** Position in the emitter's journal, zero-padded. */
  readonly sequence: string;
  readonly previoussequence: string;
  readonly epoch: string;
  readonly priority: string;
  readonly contractversion: number;
}

/** The envelope as a CloudEvent; extension names are lowercase, as CloudEvents wants them. */
export function toCloudEvent(envelope: Envelope): CloudEvent {
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
    sequence: padded(envelope.seq),
    previoussequence: padded(envelope.prev),
    epoch: envelope.epoch,
    priority: envelope.priority,
    contractversion: envelope.version,
  };
}

function padded(position: number): string {
  return String(position).padStart(SEQUENCE_DIGITS, "0");
}
