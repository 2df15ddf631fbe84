/** Whether a decision is about an id: a signal, a story, a cycle, a promotion's file, a topic, a rule, the decision itself. Pure. */
import type { DecisionLine } from "./decision-line.ts";

/** `dream_20251115_103000_00000001` and `…_r2`: the last eight hex digits of the trigger's id are in the cycle's. */
const CYCLE = /_([0-9a-f]{8})(?:_r\d+)?$/u;
/** Facts are excerpts of a few levels. */
const MAX_DEPTH = 8;

export function isAbout(decision: DecisionLine, id: string): boolean {
  const { signal, emitted, rule, key } = decision;
  if ([decision.id, signal.id, signal.correlation_id, rule, key].includes(id)) return true;
  if (emitted.some((one) => one.id === id)) return true;
  const tail = CYCLE.exec(id)?.[1];
  if (tail !== undefined && emitted.some((one) => one.id.endsWith(tail) || rootOf(one.facts).endsWith(tail)))
    return true;
  if (concernsAnotherGroup(decision, id)) return false;
  return holds(decision.whole["inputs"], id, 0) || emitted.some(({ facts }) => holds(facts, id, 0));
}

/** Whether it decided about one group of what the signal tells, and the id stands in another one only. */
function concernsAnotherGroup({ key, whole }: DecisionLine, id: string): boolean {
  const facts = (whole["inputs"] as { facts?: { groups?: unknown } } | undefined)?.facts;
  const groups: readonly unknown[] = Array.isArray(facts?.groups) ? facts.groups : [];
  const own = groups.find((group) => String((group as { topic?: unknown } | null)?.topic) === key);
  if (own === undefined || holds(own, id, 0)) return false;
  return groups.some((group) => holds(group, id, 0));
}

function rootOf(facts: unknown): string {
  const root = typeof facts === "object" && facts !== null && "retry_of" in facts ? facts.retry_of : "";
  return typeof root === "string" && root !== "" ? root : "-";
}

/** Whether a value anywhere in it is exactly this text. */
function holds(value: unknown, id: string, depth: number): boolean {
  if (value === id) return true;
  if (typeof value !== "object" || value === null || depth > MAX_DEPTH) return false;
  return Object.values(value).some((member) => holds(member, id, depth + 1));
}
