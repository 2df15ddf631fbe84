/** What the hooks are told of handlings and dead letters; the parts call it only when somebody listens. */
import type { DeadLetter } from "./dead-letter.ts";
import type { Run } from "./handler-slot.ts";
import type { HandledSignal, LetteredSignal } from "./node-options.ts";
import type { Finish, Handling } from "./unit.ts";

/** The end of a run; `nowMs` (the clock of `startedMs`) when an observer wants to hear of it, else null. */
export function finishOf(run: Run, outcome: Finish["outcome"], nowMs: number | null): Finish {
  const { keeper, stream, envelope, bytes } = run.work;
  const handling = nowMs === null ? null : handlingOf(run, nowMs);
  return { keeper, stream, seq: envelope.seq, outcome, bytes, handling };
}

/** The attempt that has just ended. Holds no facts: what waits for a commit stays small. */
export function handlingOf(run: Run, nowMs: number): Handling {
  const { signal, id, source, correlation_id, timestamp } = run.work.envelope;
  const handlerMs = Math.max(0, nowMs - run.startedMs);
  return { signal, id, source, correlation_id, timestamp, attempt: run.attempt, handlerMs };
}

/** `nowMs`: Unix time; a clock that was set back makes no negative latency. */
export function handledSignal(
  { signal, id, source, correlation_id, timestamp, attempt, handlerMs }: Handling,
  outcome: HandledSignal["outcome"],
  nowMs: number,
): HandledSignal {
  const sinceEmittedMs = Math.max(0, nowMs - Date.parse(timestamp));
  return { signal, id, source, correlation_id, outcome, attempt, handlerMs, sinceEmittedMs };
}

export function letteredSignal(letter: DeadLetter, cause: unknown): LetteredSignal {
  const signal = (letter.signal ?? {}) as Record<string, unknown>;
  return {
    signal: text(signal["signal"]),
    id: text(signal["id"]),
    correlation_id: text(signal["correlation_id"]),
    error: letter.error,
    code: cause instanceof Error ? text((cause as { code?: unknown }).code) : null,
    fingerprint: letter.fingerprint,
    attempts: letter.attempts,
  };
}

function text(value: unknown): string | null {
  return typeof value === "string" ? value : null;
}
