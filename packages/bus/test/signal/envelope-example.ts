import type { Envelope } from "../../src/signal/envelope.ts";

/** A valid envelope, with whatever a test wants otherwise. */
export function envelopeExample(changes: Partial<Record<keyof Envelope, unknown>> = {}): Envelope {
  return {
    signal: "Q_CURIOSITY_INVESTIGATE",
    id: "0199d2a4-7a00-7000-8000-000000000002",
    timestamp: "2025-11-15T10:30:00.123Z",
    source: "intent_router",
    facts: {
      question: "What does the audio module do?",
      question_id: "discover.module.audio",
      priority: "normal",
      evidence: ["path:src/audio"],
    },
    version: 1,
    priority: "normal",
    correlation_id: "0199d2a4-7a00-7000-8000-000000000001",
    causation_id: null,
    traceparent: "00-0199d2a47a0070008000000000000001-8000000000000002-01",
    epoch: "01K9Z6M5Q4",
    seq: 12,
    prev: 9,
    ...changes,
  } as Envelope;
}
