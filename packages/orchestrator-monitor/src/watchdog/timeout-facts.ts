/** What a timeout's signal says. Pure. */
import { type Contract, type Envelope, TIMEOUT_FACTS, type TimeoutFact, valueAt } from "@kloros/bus";
import type { Expected } from "./expectations.ts";
import type { Wait } from "./watch.ts";

/** Characters of a `question_id`, as the contracts of timeouts limit it. */
const MAX_QUESTION_CHARACTERS = 1_024;
/** Facts that name the work where the contract has no `question_id` and no match, the most particular first. */
const NAMING_FACTS = ["/cycle_id", "/tournament_id", "/topic"];
/** Tries counted; more is nobody's count. */
const MAX_ATTEMPT = 1_000_000;

/** What the wait for this trigger is about, as people know it. */
export function questionIdOf({ match }: Expected, { id, facts }: Pick<Envelope, "id" | "facts">): string {
  const pointers = ["/question_id", ...(match === null ? [] : [match]), ...NAMING_FACTS];
  for (const pointer of pointers) {
    const value = valueAt(facts, pointer);
    if (typeof value === "number") return String(value);
    if (typeof value === "string" && value !== "")
      return [...value].slice(0, MAX_QUESTION_CHARACTERS).join("");
  }
  return id;
}

/** Which try of the work a trigger is, and who asked for it first. */
export function tryOf({ id, facts }: Pick<Envelope, "id" | "facts">): Pick<Wait, "attempt" | "retry_of"> {
  const { attempt, retry_of } = facts as { readonly attempt?: unknown; readonly retry_of?: unknown };
  const isCount = Number.isInteger(attempt) && Number(attempt) >= 1 && Number(attempt) <= MAX_ATTEMPT;
  return {
    attempt: isCount ? Number(attempt) : 1,
    retry_of: typeof retry_of === "string" && retry_of !== "" ? retry_of : id,
  };
}

/** The facts, as far as the timeout's contract knows them. `triggerFacts` are left out where they are not kept. */
export function timeoutFacts(
  wait: Wait,
  suggested_action: string,
  triggerFacts: object | undefined,
  contract: Contract | undefined,
): Record<string, unknown> {
  const all: Record<TimeoutFact, unknown> = {
    question_id: wait.question_id,
    timeout_seconds: (wait.due - wait.since) / 1_000,
    suggested_action,
    trigger_signal: wait.signal,
    trigger_id: wait.id,
    expected: wait.any_of,
    trigger_facts: triggerFacts,
    attempt: wait.attempt,
    retry_of: wait.retry_of,
  };
  const known = TIMEOUT_FACTS.filter((fact) => all[fact] !== undefined && knows(contract, fact));
  return Object.fromEntries(known.map((fact) => [fact, all[fact]]));
}

/** A user's contract may have the three facts of the specification only. */
function knows(contract: Contract | undefined, fact: string): boolean {
  const { properties, additionalProperties } = (contract?.schema ?? {}) as {
    readonly properties?: object;
    readonly additionalProperties?: unknown;
  };
  return additionalProperties !== false || Object.hasOwn(properties ?? {}, fact);
}
