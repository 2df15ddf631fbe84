/**
 * What a timeout's signal can say: the facts that the watchdog has to give. A contract named by `on_timeout` may leave
 * out any of them; it may not require another.
 */

/** Names of the facts, the three that every shipped timeout requires first. */
export const TIMEOUT_FACTS = [
  "question_id",
  "timeout_seconds",
  "suggested_action",
  "trigger_signal",
  "trigger_id",
  "expected",
  "trigger_facts",
  "attempt",
  "retry_of",
] as const;

export type TimeoutFact = (typeof TIMEOUT_FACTS)[number];
