/** The trigger whose work a signal tells the end of, and the attempts that follow from it. Pure. */
import type { Envelope } from "@kloros/bus";
import type { Flight } from "../gates/gate.ts";
import type { Retry } from "./rule.ts";

/** What expressions see as `trigger`. */
export interface Trigger {
  readonly signal: string;
  readonly id: string;
  /** null: they were too large to be kept. */
  readonly facts: Readonly<Record<string, unknown>> | null;
  /** Which try this was, from 1. */
  readonly attempt: number;
  /** Id of the first signal that asked for the work. */
  readonly retry_of: string;
}

/** From the signal's own facts, as a watchdog gives them; else from the flight that it ends. */
export function triggerOf({ facts }: Envelope, settled: Flight | null): Trigger | null {
  const { trigger_signal: signal, trigger_id: id, trigger_facts: given } = facts;
  if (typeof signal === "string" && typeof id === "string") {
    const own = isObject(given) ? given : null;
    return describe(signal, id, own ?? settled?.facts ?? null, facts);
  }
  return settled === null ? null : describe(settled.signal, settled.id, settled.facts, {});
}

function describe(
  signal: string,
  id: string,
  facts: Readonly<Record<string, unknown>> | null,
  told: Readonly<Record<string, unknown>>,
): Trigger {
  const attempt = [told["attempt"], facts?.["attempt"]].find((value) => Number.isSafeInteger(value));
  const root = [told["retry_of"], facts?.["retry_of"]].find(
    (value) => typeof value === "string" && value !== "",
  );
  return { signal, id, facts, attempt: Number(attempt ?? 1), retry_of: typeof root === "string" ? root : id };
}

export function attemptAfter({ attempt }: Trigger): number {
  return attempt + 1;
}

/** How long the attempt waits, in milliseconds. */
export function delayBefore({ delayMs, factor, maxDelayMs }: Retry, attempt: number): number {
  return Math.min(maxDelayMs, delayMs * factor ** Math.max(0, attempt - 2));
}

/** Shared by all rules that retry the same signal: an attempt is asked for once, whatever ended the one before. */
export function retryToken(signal: string, root: string, attempt: number): string {
  return `${signal}/${root}#${attempt}`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
