/** What travels: the envelope of one signal. Flat JSON, one line. */
import type { SignalFacts } from "./generated/facts.ts";

export const PRIORITIES = ["critical", "high", "normal", "low"] as const;
export type Priority = (typeof PRIORITIES)[number];

/** A name of the shipped catalogue, or any other `Q_*` name (users' own contracts). */
export type SignalName = keyof SignalFacts | `Q_${string}`;
export type Facts<N extends SignalName> = N extends keyof SignalFacts
  ? SignalFacts[N]
  : Record<string, unknown>;

export interface Envelope<N extends SignalName = SignalName> {
  readonly signal: N;
  readonly id: string;
  /** RFC 3339, UTC, milliseconds. */
  readonly timestamp: string;
  readonly source: string;
  readonly facts: Facts<N>;
  readonly version: number;
  readonly priority: Priority;
  readonly correlation_id: string;
  readonly causation_id: string | null;
  readonly traceparent: string;
  readonly epoch: string;
  readonly seq: number;
  readonly prev: number;
}
