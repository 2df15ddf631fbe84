/** What a dead letter's signal says of itself; anything may have died, so nothing is taken for granted. Pure. */
import type { DeadLetter } from "@kloros/bus";

/** Name of the signal that failed; null when it was none. */
export function signalNameOf(letter: DeadLetter): string | null {
  return textMember(letter.signal, "signal");
}

/** Id of the signal that failed; null when it had none. */
export function signalIdOf(letter: DeadLetter): string | null {
  return textMember(letter.signal, "id");
}

function textMember(value: unknown, name: string): string | null {
  if (typeof value !== "object" || value === null) return null;
  const member = (value as Record<string, unknown>)[name];
  return typeof member === "string" ? member : null;
}
