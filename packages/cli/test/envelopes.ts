/** Envelopes for tests of pure parts; each with fields of its own where the test says so. */
import type { Envelope } from "@kloros/bus";

export function envelope(id: string, values: Partial<Envelope> = {}): Envelope {
  return {
    signal: "Q_TEST_DONE",
    id,
    timestamp: "2026-01-01T00:00:00.000Z",
    source: "intent_router",
    facts: {},
    version: 1,
    priority: "normal",
    correlation_id: "story",
    causation_id: null,
    traceparent: "00-0-0-01",
    epoch: "e1",
    seq: 1,
    prev: 0,
    ...values,
  };
}

/** RFC 3339 at so many milliseconds after the start of 2026. */
export function at(ms: number): string {
  return new Date(Date.UTC(2026, 0, 1) + ms).toISOString();
}
